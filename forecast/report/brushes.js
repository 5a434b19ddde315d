"use strict";
// Ranges of inputs: dragged over a histogram, typed, or slid; all three say the same.
const Brushes = (() => {
  const { state } = State;
  const views = new Map();
  const home = () => document.getElementById("brushes");
  const BINS = 40;

  // The steps of an input end a hair inside its bounds.
  function inside(name, side, value) {
    const [low, high] = Store.bounds(state.run, name);
    const hair = (high - low) / 2000;
    const end = side ? value >= high - hair : value <= low + hair;
    return end ? [low, high][side] : value;
  }

  function fields(set, name, changed) {
    const [low, high] = Store.bounds(state.run, name);
    const pair = document.createElement("div");
    pair.className = "pair";
    ["at least", "at most"].forEach((text, side) => {
      for (const type of ["number", "range"]) {
        const label = document.createElement("label");
        const field = document.createElement("input");
        const step = type === "range" ? (high - low) / 1000 || "any" : "any";
        Object.assign(field, { type, min: low, max: high, step });
        field.dataset.side = side;
        field.setAttribute("aria-label", `${name}, ${text}${type === "range" ? ", slider" : ""}`);
        field.addEventListener("input", () => {
          const value = field.valueAsNumber;
          if (Number.isNaN(value)) return;
          state.ranges[name][side] = type === "range" ? inside(name, side, value) : value;
          Views.setRange(views.get(name), state.ranges[name]);
          changed();
        });
        label.append(type === "number" ? text : "", field);
        pair.append(label);
      }
    });
    set.append(pair);
  }

  async function make(name, changed) {
    const { unit, label } = Store.runs[state.run].inputs.find((one) => one.name === name);
    const set = document.createElement("fieldset");
    set.dataset.name = name;
    const legend = document.createElement("legend");
    legend.textContent = unit && unit !== "1" ? `${name}, ${unit}` : name;
    const told = document.createElement("p");
    told.className = "told";
    told.textContent = label;
    const chart = document.createElement("div");
    chart.className = "chart drag";
    chart.setAttribute("role", "img");
    chart.setAttribute("aria-label", `Histogram of ${name} over the draws; the fields below narrow it`);
    const gone = document.createElement("button");
    gone.type = "button";
    gone.textContent = "Remove";
    gone.setAttribute("aria-label", `Remove the range of ${name}`);
    gone.addEventListener("click", () => {
      delete state.ranges[name];
      changed();
      document.getElementById("add").focus();
    });
    set.append(legend, told, chart);
    fields(set, name, changed);
    set.append(gone);
    home().append(set);
    const view = await Views.make(chart, "brush");
    views.set(name, view);
    Views.onRange(view, (range) => {
      const ends = range ? range.map((value, side) => inside(name, side, value)) : Store.bounds(state.run, name);
      state.ranges[name] = ends;
      changed();
    });
  }

  function drop(name) {
    views.get(name)?.finalize();
    views.delete(name);
    for (const one of [...home().children]) if (one.dataset.name === name) one.remove();
  }

  // Bring the fields to the ranges; `some` are the draws that remain.
  async function show(some, changed) {
    for (const name of views.keys()) if (!(name in state.ranges)) drop(name);
    for (const name of Object.keys(state.ranges)) {
      const fresh = !views.has(name);
      if (fresh) await make(name, changed);
      const set = [...home().children].find((one) => one.dataset.name === name);
      for (const field of set.querySelectorAll("input")) {
        const value = state.ranges[name][Number(field.dataset.side)];
        if (field.type === "range") field.value = value;
        else if (field !== document.activeElement) field.value = Number(value.toPrecision(5));
      }
      const bins = Numbers.histogram(Store.input(state.run, name), some, Store.bounds(state.run, name), BINS);
      await Views.show(views.get(name), { rows: bins });
      if (fresh && narrowed(name)) await Views.setRange(views.get(name), state.ranges[name]);
    }
  }

  const narrowed = (name) => Store.bounds(state.run, name).some((end, side) => end !== state.ranges[name][side]);

  // Lay the ranges again over views whose width has changed.
  function again() {
    for (const [name, view] of views) Views.setRange(view, narrowed(name) ? state.ranges[name] : null);
  }

  function clear() {
    for (const name of [...views.keys()]) drop(name);
  }

  return { show, clear, again };
})();
