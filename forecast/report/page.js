"use strict";
// The page: what is chosen, kept in the address; what is shown follows from it.
const Page = (() => {
  const runs = JSON.parse(document.getElementById("told").textContent);
  const steps = [];
  const cache = new Map();
  const tables = {};
  const NONE = "";
  const state = { run: 0, scenario: "", against: NONE, variable: "", region: "", year: 0, ranges: {} };
  const of = (id) => document.getElementById(id);
  const run = () => runs[state.run];

  // --- numbers

  function inputValues(name) {
    const place = run().inputs.findIndex((one) => one.name === name);
    const { least, step } = run().inputs[place];
    return kept(`x ${state.run} ${name}`, () =>
      Numbers.column(steps[state.run], place, run().draws, least, step));
  }

  function kept(key, make) {
    if (!cache.has(key)) cache.set(key, make());
    return cache.get(key);
  }

  const series = () =>
    run().series.find((one) => one.variable === state.variable && one.region === state.region);

  // Columns before the first of a series: inputs, then every scenario of the series before it.
  function start(found) {
    let place = run().inputs.length;
    for (const one of run().series) {
      if (one === found) return place;
      place += one.years.length * run().scenarios.length;
    }
    return place;
  }

  function values(found, scenario, at) {
    const number = run().scenarios.indexOf(scenario);
    return kept(`y ${state.run} ${found.variable} ${found.region} ${scenario} ${at}`, () => {
      const base = start(found) + at;
      const place = base + number * found.years.length;
      return Numbers.column(steps[state.run], place, run().draws, found.least[at], found.step[at],
        number ? base : undefined);
    });
  }

  function outcome(found, at) {
    const ours = values(found, state.scenario, at);
    return state.against === NONE ? ours : Numbers.difference(ours, values(found, state.against, at));
  }

  function draws() {
    const ranges = Object.entries(state.ranges).map(([name, [low, high]]) => ({ values: inputValues(name), low, high }));
    return Numbers.within(run().draws, ranges);
  }

  // --- what is shown

  function fanRows(found, some) {
    return found.years.map((year, at) => {
      const ordered = Numbers.sorted(outcome(found, at), some);
      const share = (one) => Numbers.quantile(ordered, one);
      return { year, mean: Numbers.mean(ordered), p05: share(0.05), p25: share(0.25), p50: share(0.5),
        p75: share(0.75), p95: share(0.95), draws: ordered.length };
    });
  }

  function wholeRows() {
    const found = run().whole.find((one) => one.scenario === state.scenario
      && one.variable === state.variable && one.region === state.region);
    return found ? found.year.map((year, at) => ({ year, mean: found.mean[at], p05: found.p05[at] ?? NaN,
      p50: found.p50[at] ?? NaN, p95: found.p95[at] ?? NaN })) : [];
  }

  function quantity() {
    const found = series() ?? run().whole.find((one) => one.variable === state.variable && one.region === state.region);
    const unit = found.unit === "1" ? "" : found.unit;
    const place = state.region ? `${state.variable}, ${state.region}` : state.variable;
    const what = state.against === NONE ? `${place}: ${state.scenario}` : `${place}: ${state.scenario} less ${state.against}`;
    return { what, unit, scope: found.scope ?? "" };
  }

  function show() {
    Chart.fit(of("fan").clientWidth);
    const found = series();
    const { what, unit, scope } = quantity();
    const some = draws();
    const rows = found ? fanRows(found, some) : wholeRows();
    const paired = state.against !== NONE;
    of("fan-told").textContent = found
      ? `${what}, ${unit || "a number"}. Line: median; bands: half and nine tenths of the draws. ${scope}`
      : `${what}, ${unit || "a number"}. The page holds no draws of it: these are numbers of the whole run, which no range changes.${paired ? " Differences need draws." : ""}`;
    of("status").textContent = found
      ? `${some.length.toLocaleString("en-GB")} of ${run().draws.toLocaleString("en-GB")} draws remain`
      : "Numbers of the whole run; ranges change nothing here";
    const shown = !found && paired ? [] : rows;
    const readFan = (row) => {
      of("fan-read").textContent = `${row.year}: median ${Chart.short(row.p50)}, nine tenths between ${Chart.short(row.p05)} and ${Chart.short(row.p95)} ${unit}`;
    };
    of("fan").replaceChildren(Chart.fan(shown, `Fan by year of ${what}; the table below has its numbers`, state.year, readFan));
    const now = shown.find((row) => row.year === state.year);
    if (now) readFan(now); else of("fan-read").textContent = "";
    table("fan", shown.map((row) => ({ ...row, unit })));
    showYear(found, some, what, unit);
  }

  function showYear(found, some, what, unit) {
    const at = found ? found.years.indexOf(state.year) : -1;
    const y = at < 0 ? null : outcome(found, at);
    const ordered = y ? Numbers.sorted(y, some) : new Float64Array();
    of("beyond-told").textContent = y ? `Share of draws in which ${what} is above a level in ${state.year}` : "No draws of this quantity in this year";
    const read = (level, share) => {
      of("beyond-read").textContent = `above ${Chart.short(level)} ${unit} in ${(share * 100).toFixed(1)} % of the draws`;
    };
    of("beyond").replaceChildren(Chart.beyond(ordered, `Chance to pass a level, ${what} in ${state.year}; the table below has its numbers`, read));
    const levels = ordered.length ? Numbers.ticks(ordered[0], ordered.at(-1), 20) : [];
    if (ordered.length) read(Numbers.quantile(ordered, 0.5), Numbers.exceedance(ordered, Numbers.quantile(ordered, 0.5)));
    else of("beyond-read").textContent = "";
    table("beyond", levels.map((level) => ({ level, unit, share_above: Numbers.exceedance(ordered, level) })));
    const rows = y ? drivers(y, some) : [];
    of("drivers-told").textContent = y
      ? `Rank correlation (Spearman) of inputs with ${what} in ${state.year}, over the draws that remain; the twelve strongest of ${rows.length} inputs`
      : "No draws of this quantity in this year";
    of("drivers").replaceChildren(Chart.drivers(rows.slice(0, 12), "Rank correlations; the table below has their numbers"));
    table("drivers", rows.map(({ name, rho, unit: its }) => ({ input: name, unit: its, rank_correlation: rho })));
  }

  function drivers(y, some) {
    const there = some.filter((i) => !Number.isNaN(y[i]));
    const ours = Float64Array.from(there, (i) => y[i]);
    return run().inputs
      .map(({ name, unit }) => {
        const x = inputValues(name);
        return { name, unit, rho: Numbers.spearman(Float64Array.from(there, (i) => x[i]), ours) };
      })
      .filter((one) => Number.isFinite(one.rho))
      .sort((a, b) => Math.abs(b.rho) - Math.abs(a.rho));
  }

  function table(name, rows) {
    const heads = rows.length ? Object.keys(rows[0]) : [];
    tables[name] = [heads, ...rows.map((row) => heads.map((head) => row[head]))];
    const line = (cells, kind) => {
      const tr = document.createElement("tr");
      for (const cell of cells) {
        const td = document.createElement(kind);
        if (kind === "th") td.scope = "col";
        td.textContent = typeof cell === "number" && cells[0] !== cell ? Chart.short(cell) : cell;
        tr.append(td);
      }
      return tr;
    };
    const [head, body] = ["thead", "tbody"].map((one) => document.createElement(one));
    if (heads.length) head.append(line(heads, "th"));
    body.append(...tables[name].slice(1).map((row) => line(row, "td")));
    of(`${name}-table`).replaceChildren(head, body);
  }

  function download(name) {
    const notes = [["view", location.hash], ["draws", of("status").textContent]];
    const text = Numbers.csv([...tables[name], ...notes]);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
    link.download = `${name}.csv`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  // --- choices

  const unique = (items) => [...new Set(items)];

  function options(id, pairs, chosen) {
    of(id).replaceChildren(...pairs.map(([value, text]) => new Option(text, value, false, value === chosen)));
  }

  // Bring the state to what the run has, then write the choices.
  function settle() {
    const has = (list, value, other) => (list.includes(value) ? value : other);
    const scenarios = run().scenarios;
    state.scenario = has(scenarios, state.scenario, scenarios[0]);
    state.against = has(scenarios.filter((one) => one !== state.scenario), state.against, NONE);
    const every = [...run().series, ...run().whole];
    const variables = unique(every.map((one) => one.variable));
    state.variable = has(variables, state.variable, variables[0]);
    const regions = unique(every.filter((one) => one.variable === state.variable).map((one) => one.region));
    state.region = has(regions, state.region, regions[0]);
    const years = series()?.years ?? wholeRows().map((row) => row.year);
    state.year = has(years, state.year, years.at(-1));
    const names = run().inputs.map((one) => one.name);
    state.ranges = Object.fromEntries(Object.entries(state.ranges).filter(([name]) => names.includes(name)));
    options("run", runs.map((one, i) => [String(i), one.name]), String(state.run));
    options("scenario", scenarios.map((one) => [one, one]), state.scenario);
    options("against", [[NONE, "nothing"], ...scenarios.filter((one) => one !== state.scenario).map((one) => [one, one])], state.against);
    options("variable", variables.map((one) => [one, one]), state.variable);
    options("region", regions.map((one) => [one, one || "world"]), state.region);
    options("year", years.map((one) => [String(one), String(one)]), String(state.year));
    options("add", [["", "choose…"], ...names.filter((one) => !(one in state.ranges)).map((one) => [one, one])], "");
  }

  function bounds(name) {
    const { least, step } = run().inputs.find((one) => one.name === name);
    return [least, least + step * 65534];
  }

  function brushes() {
    const home = of("brushes");
    const there = new Map([...home.children].map((one) => [one.dataset.name, one]));
    for (const [name, field] of there) if (!(name in state.ranges)) field.remove();
    for (const name of Object.keys(state.ranges)) {
      if (!there.has(name)) home.append(brush(name));
      const fields = [...home.children].find((one) => one.dataset.name === name).querySelectorAll("input");
      for (const field of fields) {
        if (field !== document.activeElement || field.type === "range") field.value = state.ranges[name][Number(field.dataset.side)];
      }
    }
  }

  function brush(name) {
    const [low, high] = bounds(name);
    const unit = run().inputs.find((one) => one.name === name).unit;
    const set = document.createElement("fieldset");
    set.dataset.name = name;
    const legend = document.createElement("legend");
    legend.textContent = unit && unit !== "1" ? `${name}, ${unit}` : name;
    const pair = document.createElement("div");
    pair.className = "pair";
    ["at least", "at most"].forEach((text, side) => {
      for (const type of ["number", "range"]) {
        const label = document.createElement("label");
        const field = document.createElement("input");
        Object.assign(field, { type, min: low, max: high, step: type === "range" ? (high - low) / 1000 || "any" : "any" });
        field.dataset.side = side;
        field.setAttribute("aria-label", `${name}, ${text}${type === "range" ? ", slider" : ""}`);
        field.addEventListener("input", () => narrow(name, side, field));
        label.append(type === "number" ? text : "", field);
        pair.append(label);
      }
    });
    const gone = document.createElement("button");
    gone.type = "button";
    gone.textContent = "Remove";
    gone.setAttribute("aria-label", `Remove the range of ${name}`);
    gone.addEventListener("click", () => {
      delete state.ranges[name];
      changed();
      of("add").focus();
    });
    set.append(legend, pair, gone);
    return set;
  }

  function narrow(name, side, field) {
    const value = field.valueAsNumber;
    if (Number.isNaN(value)) return;
    // A slider's ends are the ends of the input, whatever its steps round to.
    const [low, high] = bounds(name);
    const end = field.type === "range" && (side ? value >= high - (high - low) / 2000 : value <= low + (high - low) / 2000);
    state.ranges[name][side] = end ? [low, high][side] : value;
    changed();
  }

  // --- the address

  function write() {
    const { ranges, ...rest } = state;
    const words = new URLSearchParams(rest);
    for (const [name, range] of Object.entries(ranges)) words.append("keep", `${name}~${range.join("~")}`);
    history.replaceState(null, "", `#${words}`);
  }

  function read() {
    const words = new URLSearchParams(location.hash.slice(1));
    const number = Number(words.get("run"));
    state.run = Number.isInteger(number) && number >= 0 && number < runs.length ? number : 0;
    for (const key of ["scenario", "against", "variable", "region"]) state[key] = words.get(key) ?? "";
    state.year = Number(words.get("year"));
    state.ranges = {};
    for (const word of words.getAll("keep")) {
      const [name, low, high] = word.split("~");
      const range = [low, high].map(Number);
      if (range.every(Number.isFinite)) state.ranges[name] = range;
    }
  }

  function changed() {
    settle();
    brushes();
    show();
    write();
  }

  function listen() {
    of("choices").addEventListener("submit", (event) => event.preventDefault());
    for (const id of ["run", "scenario", "against", "variable", "region", "year"]) {
      of(id).addEventListener("change", (event) => {
        state[id] = ["run", "year"].includes(id) ? Number(event.target.value) : event.target.value;
        if (id === "run") of("brushes").replaceChildren();
        changed();
      });
    }
    of("add").addEventListener("change", (event) => {
      const name = event.target.value;
      if (!name) return;
      state.ranges[name] = bounds(name);
      changed();
      of("brushes").lastElementChild.querySelector("input").focus();
    });
    of("reset").addEventListener("click", () => {
      state.ranges = {};
      changed();
    });
    for (const button of document.querySelectorAll("[data-table]")) {
      button.addEventListener("click", () => download(button.dataset.table));
    }
    document.querySelector(".skip").addEventListener("click", (event) => {
      event.preventDefault();
      of("main").focus();
    });
    let wait = 0;
    addEventListener("resize", () => {
      clearTimeout(wait);
      wait = setTimeout(show, 100);
    });
    addEventListener("hashchange", () => {
      read();
      changed();
    });
  }

  async function open() {
    for (const at of runs.keys()) steps.push(await Numbers.inflated(of(`blob-${at}`).textContent));
    const left = runs.flatMap((one) => one.left.map((gone) => `${gone.variable} of ${one.name}`));
    of("left").textContent = left.length ? `Left out of the page for their size: ${left.join(", ")}.` : "";
    read();
    listen();
    changed();
    document.documentElement.dataset.ready = "yes";
  }

  open().catch((error) => {
    of("status").textContent = `The page cannot read its numbers: ${error.message}`;
    throw error;
  });
  return { state };
})();
