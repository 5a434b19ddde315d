"use strict";
// What is chosen, kept in the fragment of the address: nothing of it leaves the page.
const State = (() => {
  const NONE = "";
  const state = {
    run: 0, scenario: "", against: NONE, variable: "", region: "", year: 0, theme: "", ranges: {}, errors: null,
  };
  const WORDS = ["scenario", "against", "variable", "region", "theme"];
  const has = (list, value, other) => (list.includes(value) ? value : other);

  // Bring what is chosen to what the run has.
  function settle() {
    const run = Store.runs[state.run];
    state.scenario = has(run.scenarios, state.scenario, run.scenarios[0]);
    state.against = has(run.scenarios.filter((one) => one !== state.scenario), state.against, NONE);
    const every = [...run.series, ...run.whole];
    const variables = [...new Set(every.map((one) => one.variable))];
    state.variable = has(variables, state.variable, variables[0]);
    const regions = [...new Set(every.filter((one) => one.variable === state.variable).map((one) => one.region))];
    state.region = has(regions, state.region, regions[0]);
    const found = Store.series(state.run, state.variable, state.region);
    const years = found ? found.years
      : Store.whole(state.run, state.scenario, state.variable, state.region).map((row) => row.year);
    state.year = has(years, state.year, has(years, 2030, years.at(-1)));
    state.theme = has(["", "light", "dark"], state.theme, "");
    const names = run.inputs.map((one) => one.name);
    state.ranges = Object.fromEntries(Object.entries(state.ranges)
      .filter(([name]) => names.includes(name))
      .map(([name, range]) => {
        const [least, most] = Store.bounds(state.run, name);
        return [name, range.map((end) => Math.min(Math.max(end, least), most))];
      }));
    return { variables, regions, years };
  }

  function write() {
    const { ranges, errors, ...rest } = state;
    const words = new URLSearchParams(Object.entries(rest).filter(([, value]) => value !== ""));
    for (const [name, range] of Object.entries(ranges)) words.append("keep", `${name}~${range.join("~")}`);
    if (errors !== null) words.append("errors", errors.join("~"));
    history.replaceState(null, "", `#${words}`);
  }

  function read() {
    const words = new URLSearchParams(location.hash.slice(1));
    const number = Number(words.get("run"));
    state.run = Number.isInteger(number) && number >= 0 && number < Store.runs.length ? number : 0;
    for (const key of WORDS) state[key] = words.get(key) ?? "";
    state.year = Number(words.get("year"));
    state.errors = words.has("errors") ? words.get("errors").split("~").filter(Boolean) : null;
    state.ranges = {};
    for (const word of words.getAll("keep")) {
      const [name, low, high] = word.split("~");
      const range = [low, high].map((end) => (end ? Number(end) : NaN));
      if (range.every(Number.isFinite)) state.ranges[name] = range;
    }
  }

  return { state, NONE, settle, write, read };
})();
