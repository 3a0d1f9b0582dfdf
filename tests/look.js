// Run inside a page, where computed styles are known: gathers what is wrong with its looks.
([minimum, measure]) => {
  const faults = [];
  const shown = element => element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const parse = colour => {
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return { r, g, b, a: a / 255 };
  };
  const behind = element => {
    for (let e = element; e; e = e.parentElement) {
      const colour = parse(getComputedStyle(e).backgroundColor);
      if (colour.a === 1) return colour;
    }
    return { r: 255, g: 255, b: 255, a: 1 };
  };
  const light = ({ r, g, b }) => {
    const [x, y, z] = [r, g, b].map(v => v / 255)
      .map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * x + .7152 * y + .0722 * z;
  };
  const ratio = (one, two) => {
    const [low, high] = [light(one), light(two)].sort((a, b) => a - b);
    return (high + .05) / (low + .05);
  };
  const seen = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode());) {
    const element = node.parentElement;
    if (!node.data.trim() || seen.has(element) || !shown(element)) continue;
    seen.add(element);
    const style = getComputedStyle(element);
    const contrast = ratio(parse(style.color), behind(element));
    const words = node.data.trim().slice(0, 30);
    if (contrast < 4.5) faults.push(`contrast ${contrast.toFixed(2)}: ${words}`);
    const size = parseFloat(style.fontSize);
    if (size < (element.closest(".ahead") ? Math.min(14, minimum) : minimum)) faults.push(`${size}px: ${words}`);
    const long = [...node.data.trim()].length > 80;
    const box = element.getBoundingClientRect();
    if (measure && long && box.width > 38 * size) faults.push(`measure ${box.width / size}em: ${words}`);
  }
  if (!seen.size) faults.push("no text at all");
  const root = document.documentElement;
  if (root.scrollWidth > innerWidth) faults.push(`scrolls to the side: ${root.scrollWidth} of ${innerWidth}`);
  if (!root.lang) faults.push("no lang");
  for (const image of document.images) {
    if (!["width", "height", "alt"].every(name => image.hasAttribute(name))) faults.push(image.outerHTML);
    if (!image.naturalWidth) faults.push(`broken ${image.src}`);
  }
  const levels = [...document.querySelectorAll("h1,h2,h3,h4,h5,h6")].map(h => Number(h.tagName[1]));
  if (levels.filter(level => level === 1).length !== 1) faults.push("not one h1");
  levels.forEach((level, i) => { if (level > (levels[i - 1] ?? 0) + 1) faults.push(`h${level} too deep`); });
  for (const target of document.querySelectorAll("button, .button, input")) {
    const touched = target.closest("label") ?? target;
    if (shown(target) && touched.getBoundingClientRect().height < 44) faults.push(`small: ${target.outerHTML}`);
  }
  return faults;
}
