"use strict";
// Views drawn by Vega from the specifications of the page: rows go in, what the pointer finds comes out.
const Views = (() => {
  const specs = JSON.parse(document.getElementById("specs").textContent);

  // Vega compiles expressions by default, which the page's policy forbids: `ast` interprets them.
  const OPTIONS = {
    mode: "vega", ast: true, renderer: "svg", actions: false, defaultStyle: false, tooltip: () => {},
    logLevel: 1, // errors alone: a view without rows yet has no extent, which is no fault
  };

  async function make(home, name) {
    const { view } = await vegaEmbed(home, structuredClone(specs[name]), OPTIONS);
    // The element around it is an image with a name; its marks say nothing that the table does not.
    home.querySelector("svg").setAttribute("aria-hidden", "true");
    return view;
  }

  // Rows by the name of their data, numbers by the name of their parameter.
  function show(view, rows, params = {}) {
    for (const [name, value] of Object.entries(params)) view.signal(name, value);
    for (const [name, values] of Object.entries(rows)) view.data(name, values);
    return view.runAsync();
  }

  // Call back with the row's value of a field that the pointer is next to, or nothing.
  function onHover(view, field, tell) {
    view.addSignalListener("hover", (_, found) => tell(found?.[field]?.[0]));
  }

  // Call back with the range that is dragged over an input, or nothing. What moves the range without
  // a pointer that is down is no wish: a window that is made wider moves it as well.
  function onRange(view, tell) {
    let down = false;
    view.addEventListener("pointerdown", () => { down = true; });
    addEventListener("pointerup", () => setTimeout(() => { down = false; }));
    view.addSignalListener("range_from", (_, range) => {
      if (down) tell(range && range.length === 2 && range[0] < range[1] ? [...range] : null);
    });
  }

  // Show a range that was typed or slid; again where the view is drawn anew at another width.
  function setRange(view, range) {
    view.signal("range_x", range ? range.map(view.scale("x")) : [0, 0]);
    return view.runAsync();
  }

  return { make, show, onHover, onRange, setRange };
})();
