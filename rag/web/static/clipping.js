// The clipping: an article's part of its page's picture with its reference below, as a picture or on a page of a PDF.
import { body, find, make } from "./page.js";

const A4 = [595, 842]; // points
const MARGIN = 42;

function wrapped(pen, text, width) {
  const lines = [""];
  for (const { segment } of new Intl.Segmenter("zh", { granularity: "word" }).segment(text)) {
    if (pen.measureText(lines.at(-1) + segment).width > width) lines.push("");
    lines[lines.length - 1] += segment;
  }
  return lines;
}

// Draw what lies within the corners, which are dots of the picture; without corners all of the clip.
function draw(pen, picture, [left, top, width, height], shape, across) {
  if (shape.length) {
    pen.beginPath();
    for (let at = 0; at < shape.length; at += 2) pen.lineTo(shape[at] - left + across, shape[at + 1] - top);
    pen.closePath();
    pen.lineWidth = width / 60; // a little room around it
    pen.stroke();
    pen.fill();
    pen.globalCompositeOperation = "source-in";
  }
  pen.drawImage(picture, left, top, width, height, across, 0, width, height);
  pen.globalCompositeOperation = "destination-over";
}

async function drawn(picture, clip, shape, reference) {
  await picture.decode();
  const [, , width, height] = clip;
  const canvas = make("canvas");
  const pen = canvas.getContext("2d");
  const wide = Math.max(width, 480);
  const size = Math.max(14, Math.round(wide / 50));
  const font = `${size}px ${getComputedStyle(body).fontFamily}`;
  pen.font = font;
  const lines = wrapped(pen, reference, wide - 2 * size);
  Object.assign(canvas, { width: wide, height: height + Math.round((lines.length + 1) * 1.5 * size) });
  draw(pen, picture, clip, shape, Math.round((wide - width) / 2));
  Object.assign(pen, { font, fillStyle: "#fff" }); // a new size forgets them
  pen.fillRect(0, 0, canvas.width, canvas.height);
  Object.assign(pen, { globalCompositeOperation: "source-over", fillStyle: "#000" });
  lines.forEach((line, number) => pen.fillText(line, size, height + (number + 1.25) * 1.5 * size));
  return canvas;
}

const blobOf = (canvas, type) => new Promise((done) => canvas.toBlob(done, type, 0.9));

// A PDF of one A4 page with a JPEG on it, as large as fits and no larger than printed; its title is the reference.
async function pdf(canvas, title) {
  const jpeg = await blobOf(canvas, "image/jpeg");
  const { width, height } = canvas;
  const scale = Math.min((A4[0] - 2 * MARGIN) / width, (A4[1] - 2 * MARGIN) / height, 0.72);
  const [wide, high] = [width * scale, height * scale].map((side) => side.toFixed(2));
  const [left, bottom] = [(A4[0] - wide) / 2, A4[1] - MARGIN - high].map((side) => side.toFixed(2));
  const shown = `q ${wide} 0 0 ${high} ${left} ${bottom} cm /I Do Q`;
  const codes = [...Array(title.length).keys()].map((at) => title.charCodeAt(at).toString(16).padStart(4, "0"));
  const objects = [
    ["<</Type/Catalog/Pages 2 0 R>>"],
    ["<</Type/Pages/Kids[3 0 R]/Count 1>>"],
    [`<</Type/Page/Parent 2 0 R/MediaBox[0 0 ${A4.join(" ")}]/Resources<</XObject<</I 5 0 R>>>>/Contents 4 0 R>>`],
    [`<</Length ${shown.length}>>stream\n${shown}\nendstream`],
    [`<</Type/XObject/Subtype/Image/Width ${width}/Height ${height}/ColorSpace/DeviceRGB/BitsPerComponent 8` +
      `/Filter/DCTDecode/Length ${jpeg.size}>>stream\n`, jpeg, "\nendstream"],
    [`<</Title<feff${codes.join("")}>>>`],
  ];
  const parts = ["%PDF-1.4\n"];
  const places = objects.map((object, at) => {
    const place = new Blob(parts).size;
    parts.push(`${at + 1} 0 obj`, ...object, "\nendobj\n");
    return `${String(place).padStart(10, "0")} 00000 n \n`;
  });
  const table = new Blob(parts).size;
  parts.push(`xref\n0 ${objects.length + 1}\n0000000000 65535 f \n`, ...places);
  parts.push(`trailer<</Size ${objects.length + 1}/Root 1 0 R/Info 6 0 R>>\nstartxref\n${table}\n%%EOF\n`);
  return new Blob(parts, { type: "application/pdf" });
}

// Save it; the button says in which form.
export async function cut(button) {
  const menu = button.closest(".cut");
  const { clip, shape, reference, name } = menu.dataset;
  const { form } = button.dataset;
  const numbers = (text) => (text ? text.split(" ").map(Number) : []);
  const picture = find(".sheet-frame img", menu.closest(".printed-page"));
  const canvas = await drawn(picture, numbers(clip), numbers(shape), reference);
  const blob = form === "pdf" ? await pdf(canvas, reference) : await blobOf(canvas, "image/png");
  const link = make("a", "", { href: URL.createObjectURL(blob), download: `${name}.${form}` });
  link.click();
  menu.open = false;
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
