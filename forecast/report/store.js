"use strict";
// What the page holds: runs with their draws, unpacked where they are asked for.
const Store = (() => {
  const runs = JSON.parse(document.getElementById("told").textContent);
  const steps = [];
  const cache = new Map();

  async function open() {
    for (const at of runs.keys()) {
      steps.push(await Numbers.inflated(document.getElementById(`blob-${at}`).textContent));
    }
  }

  function kept(key, make) {
    if (!cache.has(key)) cache.set(key, make());
    return cache.get(key);
  }

  function input(at, name) {
    const place = runs[at].inputs.findIndex((one) => one.name === name);
    const { grid } = runs[at].inputs[place];
    return kept(`x ${at} ${name}`, () => Numbers.column(steps[at], place, runs[at].draws, grid));
  }

  // Least and greatest number of an input, as the page itself reads them.
  function bounds(at, name) {
    const ends = kept(`b ${at} ${name}`, () => {
      const values = input(at, name);
      return [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
    });
    return [...ends];
  }

  const series = (at, variable, region) =>
    runs[at].series.find((one) => one.variable === variable && one.region === region);

  // What is held of a series in one year: of the first scenario its numbers, of another what it adds.
  function held(at, found, number, year) {
    return kept(`h ${at} ${found.variable} ${found.region} ${number} ${year}`, () => {
      if (found.sum) return Numbers.sum(found.sum.map((name) => held(at, series(at, name, ""), number, year)));
      const place = number * found.years.length + year;
      return Numbers.column(steps[at], found.at + place, runs[at].draws, found.grids[place]);
    });
  }

  // Draws of a series in one year, or how they differ from those of another scenario.
  function values(at, found, scenario, year, against = "") {
    const [ours, theirs] = [scenario, against].map((one) => runs[at].scenarios.indexOf(one));
    const first = held(at, found, 0, year);
    const apart = (number) => (number > 0 ? held(at, found, number, year) : null);
    if (theirs < 0) return ours > 0 ? Numbers.sum([first, apart(ours)]) : first;
    const none = new Float64Array(first.length);
    return Numbers.difference(apart(ours) ?? none, apart(theirs) ?? none);
  }

  // Quantiles of all draws of the run, where the page holds no draws of a quantity.
  function whole(at, scenario, variable, region) {
    const found = runs[at].whole.find((one) => one.scenario === scenario
      && one.variable === variable && one.region === region);
    if (!found) return [];
    return found.year.map((year, i) => ({
      year, mean: found.mean[i], p05: found.p05[i] ?? NaN, p50: found.p50[i] ?? NaN, p95: found.p95[i] ?? NaN,
    }));
  }

  return { runs, open, input, bounds, series, values, whole };
})();
