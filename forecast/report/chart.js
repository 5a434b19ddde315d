"use strict";
// Figures as SVG, built node by node: no markup is ever read from a text.
const Chart = (() => {
  const NS = "http://www.w3.org/2000/svg";
  const FRAME = { width: 640, height: 320, left: 64, right: 18, top: 12, bottom: 34 };

  // One unit of the drawing is one pixel of the screen, so that its text is never shrunk.
  function fit(width) {
    FRAME.width = Math.min(Math.max(Math.round(width), 260), 900);
  }

  function node(name, attributes, text) {
    const found = document.createElementNS(NS, name);
    for (const [key, value] of Object.entries(attributes)) found.setAttribute(key, value);
    if (text !== undefined) found.textContent = text;
    return found;
  }

  function short(value) {
    if (!Number.isFinite(value)) return "–";
    const size = Math.abs(value);
    if (size !== 0 && (size < 1e-4 || size >= 1e7)) return value.toExponential(2);
    return Number(value.toPrecision(4)).toLocaleString("en-GB", { maximumSignificantDigits: 4 });
  }

  function scale(from, to, start, end) {
    const width = to > from ? to - from : 1;
    return (value) => start + ((value - from) / width) * (end - start);
  }

  function canvas(label, height) {
    const svg = node("svg", {
      viewBox: `0 0 ${FRAME.width} ${height ?? FRAME.height}`, role: "img", "aria-label": label,
    });
    return svg;
  }

  function axes(svg, x, y, xs, ys, xText, yText) {
    const base = FRAME.height - FRAME.bottom;
    for (const at of ys) {
      svg.append(
        node("line", { class: "grid", x1: FRAME.left, x2: FRAME.width - FRAME.right, y1: y(at), y2: y(at) }),
        node("text", { x: FRAME.left - 6, y: y(at) + 4, "text-anchor": "end" }, yText(at)),
      );
    }
    for (const at of xs) {
      svg.append(node("text", { x: x(at), y: base + 18, "text-anchor": "middle" }, xText(at)));
    }
  }

  const line = (xs, ys) => xs.map((one, i) => `${i ? "L" : "M"}${one.toFixed(1)},${ys[i].toFixed(1)}`).join("");

  function band(x, y, years, low, high) {
    const at = years.map(x);
    return line([...at, ...at.toReversed()], [...low.map(y), ...high.toReversed().map(y)]) + "Z";
  }

  // rows: {year, p05, p25, p50, p75, p95}; `chosen` is the year of the other figures.
  function fan(rows, label, chosen, onRead) {
    const svg = canvas(label);
    const there = rows.filter((row) => Number.isFinite(row.p50));
    if (!there.length) return svg;
    const years = there.map((row) => row.year);
    const edge = (name) => there.map((row) => row[name]);
    const low = Math.min(0, ...edge("p05"));
    const high = Math.max(0, ...edge("p95"));
    const x = scale(years[0], years.at(-1), FRAME.left, FRAME.width - FRAME.right);
    const y = scale(low, high, FRAME.height - FRAME.bottom, FRAME.top);
    axes(svg, x, y, Numbers.ticks(years[0], years.at(-1), FRAME.width / 100).filter(Number.isInteger),
      Numbers.ticks(low, high, 5), String, short);
    svg.append(node("path", { class: "outer", d: band(x, y, years, edge("p05"), edge("p95")) }));
    if (there.every((row) => Number.isFinite(row.p25))) {
      svg.append(node("path", { class: "inner", d: band(x, y, years, edge("p25"), edge("p75")) }));
    }
    svg.append(node("path", { class: "median", d: line(years.map(x), edge("p50").map(y)) }));
    if (low < 0) svg.append(node("line", { class: "zero", x1: FRAME.left, x2: FRAME.width - FRAME.right, y1: y(0), y2: y(0) }));
    readable(svg, (at) => {
      const row = there.reduce((a, b) => (Math.abs(x(b.year) - at) < Math.abs(x(a.year) - at) ? b : a));
      onRead(row);
      return x(row.year);
    }, x(Math.min(Math.max(chosen, years[0]), years.at(-1))));
    return svg;
  }

  // ordered: numbers in order; onRead tells a level and its share.
  function beyond(ordered, label, onRead) {
    const svg = canvas(label);
    const n = ordered.length;
    if (!n) return svg;
    const [low, high] = [Numbers.quantile(ordered, 0.001), Numbers.quantile(ordered, 0.999)];
    const x = scale(low, high, FRAME.left, FRAME.width - FRAME.right);
    const y = scale(0, 1, FRAME.height - FRAME.bottom, FRAME.top);
    axes(svg, x, y, Numbers.ticks(low, high, FRAME.width / 100), [0, 0.25, 0.5, 0.75, 1], short, (one) => `${Math.round(one * 100)} %`);
    const levels = Array.from({ length: 201 }, (_, i) => low + ((high - low) * i) / 200);
    const shares = levels.map((one) => Numbers.exceedance(ordered, one));
    svg.append(node("path", { class: "curve", d: line(levels.map(x), shares.map(y)) }));
    const back = scale(FRAME.left, FRAME.width - FRAME.right, low, high);
    readable(svg, (at) => {
      const level = Math.min(Math.max(back(at), low), high);
      onRead(level, Numbers.exceedance(ordered, level));
      return x(level);
    }, x(Numbers.quantile(ordered, 0.5)));
    return svg;
  }

  // A line that follows the pointer.
  function readable(svg, read, start) {
    const cursor = node("line", { class: "cursor", y1: FRAME.top, y2: FRAME.height - FRAME.bottom, x1: start, x2: start });
    svg.append(cursor);
    svg.addEventListener("pointermove", (event) => {
      const box = svg.getBoundingClientRect();
      const at = read(((event.clientX - box.left) / box.width) * FRAME.width);
      cursor.setAttribute("x1", at);
      cursor.setAttribute("x2", at);
    });
  }

  // rows: {name, rho}, the strongest first.
  function drivers(rows, label) {
    const step = 24;
    const svg = canvas(label, rows.length * step + 26);
    const start = Math.min(300, FRAME.width * 0.55);
    const letters = Math.floor(start / 7.2);
    const x = scale(-1, 1, start, FRAME.width - FRAME.right);
    rows.forEach((row, i) => {
      const y = i * step + 4;
      const name = row.name.length > letters ? `…${row.name.slice(1 - letters)}` : row.name;
      svg.append(
        node("text", { x: start - 8, y: y + 13, "text-anchor": "end" }, name),
        node("rect", { class: "bar", x: Math.min(x(0), x(row.rho)), y, width: Math.abs(x(row.rho) - x(0)), height: step - 8 }),
      );
    });
    svg.append(node("line", { class: "zero", x1: x(0), x2: x(0), y1: 0, y2: rows.length * step }));
    for (const at of [-1, -0.5, 0, 0.5, 1]) {
      svg.append(node("text", { x: x(at), y: rows.length * step + 16, "text-anchor": at === 1 ? "end" : "middle" }, String(at)));
    }
    return svg;
  }

  return { fit, fan, beyond, drivers, short };
})();
