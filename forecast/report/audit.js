"use strict";
// Modelling errors that can be switched on and off: every subset was computed when the audit was made.
const Audit = (() => {
  const { state } = State;
  const of = (id) => document.getElementById(id);
  let view;

  const ours = () => Store.runs[state.run].audits.find((one) => one.scenario === state.scenario)
    ?? Store.runs[state.run].audits[0];

  async function open(changed) {
    view = await Views.make(of("audit"), "audit");
    of("errors").addEventListener("change", () => {
      state.errors = [...of("errors").querySelectorAll("input:checked")].map((one) => one.value);
      changed();
    });
  }

  function boxes(audit, made) {
    const here = [...of("errors").querySelectorAll("input")];
    if (here.map((one) => one.value).join() !== audit.errors.map((one) => one.name).join()) {
      of("errors").replaceChildren(...audit.errors.map(({ name, title }) => {
        const label = document.createElement("label");
        const box = document.createElement("input");
        Object.assign(box, { type: "checkbox", value: name });
        label.append(box, ` ${title}`);
        return label;
      }));
    }
    for (const box of of("errors").querySelectorAll("input")) box.checked = made.includes(box.value);
  }

  // A row a step: the run itself, then each error that is made on top of those before it.
  function steps(audit, made) {
    const at = (names) => audit.totals[names.reduce((sum, name) => sum | (1 << audit.errors.findIndex((one) => one.name === name)), 0)];
    const row = (name, before, names) => {
      const [low, to, high] = at(names);
      return { name, from: before ?? to, to, low, high };
    };
    const rows = [row("The run itself", null, [])];
    made.forEach((name, i) => {
      const title = audit.errors.find((one) => one.name === name).title;
      rows.push(row(title, rows.at(-1).to, made.slice(0, i + 1)));
    });
    return rows.map((one, order) => ({ ...one, order }));
  }

  async function show(table) {
    const audit = ours();
    of("audit-body").hidden = !audit;
    of("audit-none").hidden = Boolean(audit);
    of("audit-card").querySelector("details").hidden = !audit;
    if (!audit) return;
    const names = audit.errors.map((one) => one.name);
    const made = names.filter((one) => (state.errors ?? names).includes(one));
    boxes(audit, made);
    const rows = steps(audit, made);
    const [first, last] = [rows[0].to, rows.at(-1).to];
    of("audit-told").textContent = `Total of ${audit.year} in ${audit.scenario}, TWh on a logarithmic scale: bars lead from the median before an error to that after it, errors made from top to bottom; lines: 10 to 90 % of ${audit.draws.toLocaleString("en-GB")} draws; dashed: the world's electricity. Ranges of inputs change nothing here.`;
    of("audit-read").textContent = made.length
      ? `${made.length} of ${names.length} errors make ${Numbers.short(last)} TWh of ${Numbers.short(first)}: ${Numbers.short(last / first)} times as much`
      : `No error is made: ${Numbers.short(first)} TWh`;
    of("audit").setAttribute("aria-label", "Chart of modelling errors; the table below has its numbers");
    const room = Math.max(110, Math.min(260, of("audit").clientWidth * 0.45));
    await Views.show(view, { rows }, { world: audit.world, names: room });
    table("audit", rows.map(({ name, to, low, high }) => ({ after: name, p10: low, p50: to, p90: high, unit: "TWh", factor: to / first })));
  }

  return { open, show };
})();
