"use strict";
// The page: what is shown follows from what is chosen.
const Page = (() => {
  const { state, NONE } = State;
  const of = (id) => document.getElementById(id);
  const run = () => Store.runs[state.run];
  const short = Numbers.short;
  const views = {};
  const tables = {};
  const FEW = 200;
  const SHOWN = 2;
  const shownRows = { fan: [], beyond: [] };

  const outcome = (found, at) => Store.values(state.run, found, state.scenario, at, state.against);

  function draws() {
    const ranges = Object.entries(state.ranges)
      .map(([name, [low, high]]) => ({ values: Store.input(state.run, name), low, high }));
    return Numbers.within(run().draws, ranges);
  }

  function told() {
    const found = Store.series(state.run, state.variable, state.region)
      ?? run().whole.find((one) => one.variable === state.variable && one.region === state.region);
    const unit = found.unit === "1" ? "" : found.unit;
    const place = state.region ? `${found.label}, ${run().labels[state.region]}` : found.label;
    const what = state.against === NONE ? `${place} in ${state.scenario}` : `${place}: ${state.scenario} less ${state.against}`;
    return { what, unit, scope: found.scope ?? "" };
  }

  // --- views

  function fanRows(found, some) {
    return found.years.map((year, at) => {
      const ordered = Numbers.sorted(outcome(found, at), some);
      const share = (one) => Numbers.quantile(ordered, one);
      return { year, mean: Numbers.mean(ordered), p05: share(0.05), p25: share(0.25), p50: share(0.5),
        p75: share(0.75), p95: share(0.95), draws: ordered.length };
    });
  }

  function readFan(year) {
    const row = shownRows.fan.find((one) => one.year === (year ?? state.year));
    of("fan-read").textContent = row
      ? `${row.year}: median ${short(row.p50, 3)}, nine tenths between ${short(row.p05, 3)} and ${short(row.p95, 3)} ${told().unit}` : "";
  }

  async function showFan(found, some) {
    const { what, unit, scope } = told();
    const paired = state.against !== NONE;
    const rows = found ? fanRows(found, some)
      : paired ? [] : Store.whole(state.run, state.scenario, state.variable, state.region);
    shownRows.fan = rows.filter((row) => Number.isFinite(row.p50));
    of("fan-told").textContent = found
      ? `${what}, ${unit || "a plain number"}. Line: median; bands: half and nine tenths of the draws${paired ? ", each difference taken within a draw" : ""}. It covers ${scope}.`
      : `${what}, ${unit || "a plain number"}. The page holds no draws of it: these are numbers of the whole run, which no range changes.${paired ? " Differences need draws." : ""}`;
    const points = paired ? [] : run().observed.filter((one) => one.variable === state.variable && one.region === state.region);
    of("fan-points").textContent = points.length
      ? `Marks: ${[...new Set(points.map((one) => one.publication))].join("; ")}; filled: outturns, hollow: cases.` : "";
    of("fan").setAttribute("aria-label", `Chart by year of ${what}; the table below has its numbers`);
    await Views.show(views.fan, { rows: shownRows.fan, points }, { chosen: state.year });
    readFan();
    table("fan", rows.map((row) => ({ ...row, unit })));
  }

  async function showSegments(some) {
    const parts = run().segments.map((name) => Store.series(state.run, name, "")).filter(Boolean);
    const total = Store.series(state.run, "total", "");
    of("segments-card").hidden = !total || parts.length < 2;
    if (of("segments-card").hidden) return;
    const median = (found, at) => Numbers.quantile(Numbers.sorted(Store.values(state.run, found, state.scenario, at), some), 0.5);
    const rows = [];
    const plain = [];
    total.years.forEach((year, at) => {
      let low = 0;
      parts.forEach((found, place) => {
        const p50 = median(found, at);
        rows.push({ year, place, segment: found.label, low, high: low + p50 });
        plain.push({ year, segment: found.variable, p50, unit: found.unit });
        low += p50;
      });
    });
    const whole = total.years.map((year, at) => ({ year, p50: median(total, at) }));
    for (const row of whole) plain.push({ year: row.year, segment: "total", p50: row.p50, unit: total.unit });
    of("segments-told").textContent = `Medians of the segments in ${state.scenario}, ${total.unit}, on each other; line: median of the total. Medians do not add up.`;
    of("segments-key").replaceChildren(...parts.map((found, place) => {
      const item = document.createElement("li");
      item.dataset.place = place;
      item.textContent = `${found.label}: ${short(rows.findLast((row) => row.place === place).high - rows.findLast((row) => row.place === place).low)} in ${total.years.at(-1)}`;
      return item;
    }));
    of("segments").setAttribute("aria-label", `Chart of demand by segment in ${state.scenario}; the table below has its numbers`);
    await Views.show(views.segments, { rows, whole });
    table("segments", plain);
  }

  function readBeyond(level) {
    const ordered = shownRows.beyond;
    if (!ordered.length) { of("beyond-read").textContent = ""; return; }
    const at = level ?? Numbers.quantile(ordered, 0.5);
    const share = Numbers.exceedance(ordered, at);
    const error = Math.sqrt((share * (1 - share)) / ordered.length);
    of("beyond-read").textContent = `above ${short(at, 3)} ${told().unit} in ${(share * 100).toFixed(1)} % of the draws (± ${(error * 100).toFixed(1)}, one standard error)`;
  }

  async function showBeyond(y, some) {
    const { what, unit } = told();
    const ordered = y ? Numbers.sorted(y, some) : new Float64Array();
    shownRows.beyond = ordered;
    of("beyond-told").textContent = ordered.length
      ? `Share of draws in which ${what} is above a level in ${state.year}` : "No draws of this quantity in this year";
    of("beyond").setAttribute("aria-label", `Chart of the chance to pass a level, ${what} in ${state.year}; the table below has its numbers`);
    const [low, high] = Numbers.reach(ordered);
    const rows = ordered.length ? Array.from({ length: 201 }, (_, i) => {
      const level = low + ((high - low) * i) / 200;
      return { level, share: Numbers.exceedance(ordered, level) };
    }) : [];
    await Views.show(views.beyond, { rows });
    readBeyond();
    const levels = ordered.length ? Numbers.ticks(low, high, 20) : [];
    table("beyond", levels.map((level) => ({ level, unit, share_above: Numbers.exceedance(ordered, level) })));
  }

  function correlations(y, some) {
    const there = some.filter((i) => !Number.isNaN(y[i]));
    const ours = Float64Array.from(there, (i) => y[i]);
    return run().inputs
      .map(({ name, unit, label }) => {
        const x = Store.input(state.run, name);
        return { name, unit, label, rho: Numbers.spearman(Float64Array.from(there, (i) => x[i]), ours) };
      })
      .filter((one) => Number.isFinite(one.rho))
      .sort((a, b) => Math.abs(b.rho) - Math.abs(a.rho));
  }

  async function showDrivers(y, some) {
    const rows = y ? correlations(y, some) : [];
    const noise = Math.min(1, 2 / Math.sqrt(Math.max(some.length - 1, 1)));
    of("drivers-told").textContent = y
      ? `Rank correlation (Spearman) of inputs with ${told().what} in ${state.year}, over the draws that remain: the strongest of the ${rows.length} that this page holds of ${run().inputs_of}. Grey: what chance alone makes of ${some.length.toLocaleString("en-GB")} draws (two standard errors).`
      : "No draws of this quantity in this year";
    of("drivers").setAttribute("aria-label", "Chart of rank correlations; the table below has its numbers");
    const names = Math.max(110, Math.min(260, of("drivers").clientWidth * 0.45));
    await Views.show(views.drivers, { rows: rows.slice(0, 12).map(({ name, rho }, order) => ({ label: name, rho, order })) }, { noise, names });
    table("drivers", rows.map(({ name, rho, unit, label }) => ({ input: name, unit, rank_correlation: rho, meaning: label })));
  }

  async function show() {
    const found = Store.series(state.run, state.variable, state.region);
    const some = draws();
    const few = !some.length ? "; make a range wider" : some.length < FEW ? "; so few that their tails say little" : "";
    of("status").textContent = found
      ? `${some.length.toLocaleString("en-GB")} of ${run().draws.toLocaleString("en-GB")} draws remain${few}`
      : "Numbers of the whole run; ranges change nothing here";
    const narrowed = Object.entries(state.ranges).filter(([name, [low, high]]) => {
      const [least, most] = Store.bounds(state.run, name);
      return low > least || high < most;
    });
    of("kept").textContent = narrowed.length
      ? `Kept are draws with ${narrowed.map(([name, [low, high]]) => `${name} from ${short(low)} to ${short(high)}`).join(", ")}.` : "";
    const at = found ? found.years.indexOf(state.year) : -1;
    const y = at < 0 ? null : outcome(found, at);
    await showFan(found, some);
    await showBeyond(y, some);
    await showDrivers(y, some);
    await showSegments(some);
    await Brushes.show(some, changed);
    await Audit.show(table);
  }

  function table(name, rows) {
    const heads = rows.length ? Object.keys(rows[0]) : [];
    tables[name] = [heads, ...rows.map((row) => heads.map((head) => row[head]))];
    const line = (cells, kind) => {
      const tr = document.createElement("tr");
      cells.forEach((cell, place) => {
        const td = document.createElement(kind);
        if (kind === "th") td.scope = "col";
        td.textContent = typeof cell === "number" && heads[place] !== "year" ? short(cell) : cell;
        tr.append(td);
      });
      return tr;
    };
    const [head, body] = ["thead", "tbody"].map((one) => document.createElement(one));
    if (heads.length) head.append(line(heads, "th"));
    body.append(...tables[name].slice(1).map((row) => line(row, "td")));
    of(`${name}-table`).replaceChildren(head, body);
  }

  function download(name) {
    const notes = [["view", location.hash], ["draws", of("status").textContent]];
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([Numbers.csv([...tables[name], ...notes])], { type: "text/csv" }));
    link.download = `${name}.csv`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  // --- choices

  function options(id, pairs, chosen) {
    of(id).replaceChildren(...pairs.map(([value, text]) => new Option(text, value, false, value === chosen)));
  }

  function grouped(variables) {
    const every = [...run().series, ...run().whole];
    const groups = new Map();
    for (const name of variables) {
      const { group, label } = every.find((one) => one.variable === name);
      groups.set(group, [...(groups.get(group) ?? []), new Option(label, name, false, name === state.variable)]);
    }
    of("variable").replaceChildren(...[...groups].map(([label, items]) => {
      const found = document.createElement("optgroup");
      found.label = label;
      found.append(...items);
      return found;
    }));
  }

  function choose({ variables, regions, years }) {
    const scenarios = run().scenarios;
    options("run", Store.runs.map((one, i) => [String(i), one.name]), String(state.run));
    options("scenario", scenarios.map((one) => [one, one]), state.scenario);
    options("against", [[NONE, "nothing"], ...scenarios.filter((one) => one !== state.scenario).map((one) => [one, one])], state.against);
    grouped(variables);
    options("region", regions.map((one) => [one, one ? run().labels[one] : "World"]), state.region);
    options("year", years.map((one) => [String(one), String(one)]), String(state.year));
    const names = run().inputs.map((one) => one.name).filter((one) => !(one in state.ranges));
    options("add", [["", "choose…"], ...names.map((one) => [one, one])], "");
    document.documentElement.dataset.theme = state.theme;
    of("theme").textContent = `Colours: ${state.theme || "as the system"}`;
    of("only").hidden = Store.runs.length < 2;
  }

  // Changes that come while the page is drawn are drawn together, after it.
  let busy = false;
  let again = false;
  async function changed() {
    if (busy) { again = true; return; }
    busy = true;
    do {
      again = false;
      choose(State.settle());
      State.write();
      await show();
    } while (again);
    busy = false;
    document.documentElement.dataset.drawn = String(Number(document.documentElement.dataset.drawn ?? 0) + 1);
  }

  function listen() {
    of("choices").addEventListener("submit", (event) => event.preventDefault());
    for (const id of ["run", "scenario", "against", "variable", "region", "year"]) {
      of(id).addEventListener("change", (event) => {
        state[id] = ["run", "year"].includes(id) ? Number(event.target.value) : event.target.value;
        if (id === "run") { Brushes.clear(); state.errors = null; }
        changed();
      });
    }
    of("add").addEventListener("change", async (event) => {
      const name = event.target.value;
      if (!name) return;
      state.ranges[name] = Store.bounds(state.run, name);
      await changed();
      of("brushes").lastElementChild?.querySelector("input").focus();
    });
    of("reset").addEventListener("click", () => { state.ranges = {}; changed(); });
    of("theme").addEventListener("click", () => {
      const order = ["", "light", "dark"];
      state.theme = order[(order.indexOf(state.theme) + 1) % order.length];
      changed();
    });
    for (const button of document.querySelectorAll("[data-table]")) {
      button.addEventListener("click", () => download(button.dataset.table));
    }
    document.querySelector(".skip").addEventListener("click", (event) => { event.preventDefault(); of("main").focus(); });
    let wait = 0;
    addEventListener("resize", () => {
      clearTimeout(wait);
      wait = setTimeout(async () => { await show(); Brushes.again(); }, 150);
    });
    addEventListener("hashchange", () => { State.read(); Brushes.clear(); changed(); });
    Views.onHover(views.fan, "year", readFan);
    Views.onHover(views.beyond, "level", readBeyond);
    views.fan.addEventListener("click", () => {
      const year = views.fan.signal("hover")?.year?.[0];
      if (year) { state.year = year; changed(); }
    });
  }

  // A page that is opened anew shows the inputs that matter most, whole.
  function showStrongest() {
    State.settle();
    const found = Store.series(state.run, state.variable, state.region);
    if (!found) return;
    const y = outcome(found, found.years.indexOf(state.year));
    for (const { name } of correlations(y, draws()).slice(0, SHOWN)) state.ranges[name] = Store.bounds(state.run, name);
  }

  async function open() {
    await Store.open();
    for (const name of ["fan", "beyond", "drivers", "segments"]) views[name] = await Views.make(of(name), name);
    await Audit.open(changed);
    const left = Store.runs.filter((one) => one.left.length)
      .map((one) => `${one.name}: ${one.left.map((gone) => gone.variable.replaceAll("_", " ")).join(", ")}`);
    of("left").textContent = left.length
      ? `Held as numbers of the whole run, without draws, for their size: ${left.join("; ")}.` : "";
    State.read();
    if (!location.hash) showStrongest();
    listen();
    await changed();
    document.documentElement.dataset.ready = "yes";
  }

  open().catch((error) => {
    of("status").textContent = `The page cannot draw its numbers: ${error.message}`;
    throw error;
  });
  return { state };
})();
