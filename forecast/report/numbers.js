"use strict";
// What the page computes. It knows arrays alone, so that it runs outside a browser as well.
const Numbers = (() => {
  const MISSING = 65535;
  const TAIL = 8;

  // Two planes of bytes, low and high, to whole steps.
  function steps(bytes) {
    const half = bytes.length / 2;
    const found = new Uint16Array(half);
    for (let i = 0; i < half; i++) found[i] = bytes[i] | (bytes[half + i] << 8);
    return found;
  }

  async function inflated(text) {
    const raw = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
    const stream = new Blob([raw]).stream().pipeThrough(new DecompressionStream("deflate"));
    return steps(new Uint8Array(await new Response(stream).arrayBuffer()));
  }

  // One column: steps that are even near zero and in proportion far from it.
  function column(all, place, draws, [size, first, step]) {
    const found = new Float64Array(draws);
    for (let i = 0; i < draws; i++) {
      const one = all[place * draws + i];
      found[i] = one === MISSING ? NaN : size * Math.sinh((one + first) * step);
    }
    return found;
  }

  function difference(a, b) {
    return a.map((value, i) => value - b[i]);
  }

  function sum(columns) {
    const found = Float64Array.from(columns[0]);
    for (const one of columns.slice(1)) for (let i = 0; i < found.length; i++) found[i] += one[i];
    return found;
  }

  // Numbers of the draws in `kept`, sorted, those that are missing left out.
  function sorted(values, kept) {
    const found = new Float64Array(kept.length);
    let n = 0;
    for (const i of kept) if (!Number.isNaN(values[i])) found[n++] = values[i];
    return found.subarray(0, n).sort();
  }

  // Linear between order statistics (Hyndman and Fan 1996, type 7).
  function quantile(ordered, share) {
    const n = ordered.length;
    if (n === 0) return NaN;
    const at = (n - 1) * share;
    const low = Math.floor(at);
    const high = Math.min(low + 1, n - 1);
    return ordered[low] + (at - low) * (ordered[high] - ordered[low]);
  }

  function mean(ordered) {
    let sum = 0;
    for (const value of ordered) sum += value;
    return ordered.length ? sum / ordered.length : NaN;
  }

  // Share of the numbers that are greater than a level.
  function exceedance(ordered, level) {
    let low = 0;
    let high = ordered.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ordered[middle] > level) high = middle;
      else low = middle + 1;
    }
    return ordered.length ? (ordered.length - low) / ordered.length : NaN;
  }

  // Ranks from one; equal numbers share the mean of theirs.
  function ranks(values) {
    const order = Array.from(values.keys()).sort((a, b) => values[a] - values[b]);
    const found = new Float64Array(values.length);
    for (let i = 0; i < order.length; ) {
      let j = i;
      while (j + 1 < order.length && values[order[j + 1]] === values[order[i]]) j++;
      for (let k = i; k <= j; k++) found[order[k]] = (i + j) / 2 + 1;
      i = j + 1;
    }
    return found;
  }

  // Pearson's correlation of ranks.
  function spearman(x, y) {
    const n = x.length;
    if (n < 3) return NaN;
    const a = ranks(x);
    const b = ranks(y);
    const middle = (n + 1) / 2;
    let ab = 0;
    let aa = 0;
    let bb = 0;
    for (let i = 0; i < n; i++) {
      ab += (a[i] - middle) * (b[i] - middle);
      aa += (a[i] - middle) ** 2;
      bb += (b[i] - middle) ** 2;
    }
    return ab / Math.sqrt(aa * bb);
  }

  // Draws whose inputs lie in every range; a range is {values, low, high}, bounds included.
  function within(draws, ranges) {
    const found = [];
    for (let i = 0; i < draws; i++) {
      if (ranges.every((one) => one.values[i] >= one.low && one.values[i] <= one.high)) {
        found.push(i);
      }
    }
    return found;
  }

  // Counts between two bounds in bins of one width: of all numbers, and of those in `kept`.
  function histogram(values, kept, [low, high], bins) {
    const width = (high - low) / bins || 1;
    const found = Array.from({ length: bins }, (_, i) => ({ from: low + i * width, to: low + (i + 1) * width, all: 0, kept: 0 }));
    const bin = (value) => found[Math.min(bins - 1, Math.max(0, Math.floor((value - low) / width)))];
    for (const value of values) if (!Number.isNaN(value)) bin(value).all++;
    for (const i of kept) if (!Number.isNaN(values[i])) bin(values[i]).kept++;
    return found;
  }

  // Between which levels a curve is worth drawing: without the outermost thousandths, nor a tail that
  // would leave no room for the rest.
  function reach(ordered) {
    const [low, first, middle, last, high] = [0.001, 0.1, 0.5, 0.9, 0.999].map((one) => quantile(ordered, one));
    return [Math.max(low, middle - TAIL * (middle - first)), Math.min(high, middle + TAIL * (last - middle))];
  }

  // Four digits, or a power of ten where they would not tell the size.
  function short(value, digits = 4) {
    if (!Number.isFinite(value)) return "–";
    const size = Math.abs(value);
    if (size >= 1e7) return value.toLocaleString("en-GB", { notation: "compact", compactDisplay: "long", maximumSignificantDigits: 3 });
    if (size !== 0 && size < 1e-4) return value.toExponential(2).replaceAll("-", "−");
    const text = Number(value.toPrecision(digits)).toLocaleString("en-GB", { maximumSignificantDigits: digits });
    return text.replace("-", "−");
  }

  // A cell of CSV; what a spreadsheet would take for a formula is kept as text.
  function cell(value) {
    let text = String(value);
    if (typeof value === "string" && /^[=+\-@\t\r]/.test(text)) text = `'${text}`;
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  }

  function csv(rows) {
    return rows.map((row) => row.map(cell).join(",") + "\n").join("");
  }

  // Round numbers between two, at most `most` of them.
  function ticks(low, high, most) {
    if (!(high > low)) return [low];
    const raw = (high - low) / most;
    const power = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= raw);
    const found = [];
    for (let k = Math.ceil(low / step); k * step <= high + step * 1e-9; k++) {
      found.push(Number((k * step).toPrecision(12)));
    }
    return found;
  }

  return {
    steps, inflated, column, difference, sum, sorted, quantile, mean, exceedance, ranks, spearman,
    within, csv, ticks, histogram, reach, short,
  };
})();
