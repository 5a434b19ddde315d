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
    const { least, step } = runs[at].inputs[place];
    return kept(`x ${at} ${name}`, () => Numbers.column(steps[at], place, runs[at].draws, least, step));
  }

  function bounds(at, name) {
    const { least, step } = runs[at].inputs.find((one) => one.name === name);
    return [least, least + step * 65534];
  }

  const series = (at, variable, region) =>
    runs[at].series.find((one) => one.variable === variable && one.region === region);

  // Draws of a series in one year. Those of a policy are held as steps beside the first scenario;
  // a sum of segments is not held at all.
  function values(at, found, scenario, year) {
    const number = runs[at].scenarios.indexOf(scenario);
    return kept(`y ${at} ${found.variable} ${found.region} ${scenario} ${year}`, () => {
      if (found.sum) {
        return Numbers.sum(found.sum.map((name) => values(at, series(at, name, ""), scenario, year)));
      }
      const base = found.at + year;
      const place = base + number * found.years.length;
      return Numbers.column(steps[at], place, runs[at].draws, found.least[year], found.step[year],
        number ? base : undefined);
    });
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
