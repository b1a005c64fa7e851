// Files: those that the person saves, and those that they choose, drop or paste to send. A chosen
// file stays here: the client reads it in parts, as fast as the server takes them.

import { hideBanner, showBanner } from "./banner.js";

const MOST_NAMED = 11; // at once: one more than a message can have, for the client to say so
const MOST_KEPT = 100; // of which the client may still read some

// Part of each file's id, so that the client takes none of this page for one of the page before.
const page = crypto.getRandomValues(new Uint32Array(2)).join(".");

const chosen = new Map(); // files by id, the oldest first
let count = 0;

// Connect the page's button, its drops and its pastes; call `done` when files have been chosen.
export function connectFiles(connection, done) {
  const picker = document.getElementById("files");
  let caption = ""; // which the client wants back with what is picked

  function pickAfterBanner() {
    hideBanner();
    picker.click();
  }

  function choose(asked) {
    caption = asked.caption;
    // Browsers open it only soon after a key or a click.
    if (navigator.userActivation?.isActive ?? true) picker.click();
    else showBanner("Choose the files to send.", "Choose", pickAfterBanner);
  }

  function offer(files, caption = "") {
    if (files.length) connection.tell({ files: [...files].slice(0, MOST_NAMED).map(keep), caption });
  }

  picker.onchange = () => {
    offer(picker.files, caption);
    picker.value = ""; // or the same file could not be picked again
    done();
  };
  picker.oncancel = done;
  document.getElementById("send-files").onclick = () => {
    caption = "";
    picker.click();
  };
  connectPastes(offer);
  connectDrops((files) => {
    offer(files);
    done();
  });

  return {
    receive(message) {
      if ("download" in message) save(message.download);
      else if ("choose" in message) choose(message.choose);
      else if ("read" in message) answer(connection, message.read);
    },
  };
}

// Save what the server has there for this page, once.
function save(address) {
  const link = document.createElement("a");
  link.href = new URL(address, document.baseURI);
  link.download = ""; // the server names it
  link.click();
}

// Keep a file to be read later; return how the client knows it.
function keep(file) {
  const id = `${page}.${count++}`;
  chosen.set(id, file);
  if (chosen.size > MOST_KEPT) chosen.delete(chosen.keys().next().value);
  return { id, name: file.name, size: file.size };
}

async function answer(connection, { number, file, at, limit }) {
  const content = await read(chosen.get(file), at, limit);
  connection.answer(number, content);
}

// Return a part of a file, or its SHA-256 if `limit` is 0. Nothing says that it can't be read.
async function read(file, at, limit) {
  try {
    if (limit) return await file.slice(at, at + limit).arrayBuffer();
    return await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  } catch {
    return new ArrayBuffer(0); // there is none, or it has changed since it was chosen
  }
}

// A paste that has text as well, as that of a word processor, is a text.
function connectPastes(offer) {
  const paste = (event) => {
    const { files } = event.clipboardData;
    if (!files.length || event.clipboardData.getData("text/plain")) return;
    event.preventDefault();
    event.stopPropagation();
    offer(files);
  };
  document.addEventListener("paste", paste, true); // before the terminal
}

function connectDrops(offer) {
  const hasFiles = (event) => event.dataTransfer.types.includes("Files");
  const mark = (isOver) => document.body.classList.toggle("dropping", isOver);
  window.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault(); // or the browser opens them
    event.dataTransfer.dropEffect = "copy";
    mark(true);
  });
  window.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) mark(false); // not only from one part of the page to another
  });
  window.addEventListener("drop", (event) => {
    mark(false);
    if (!hasFiles(event)) return;
    event.preventDefault();
    const isFolder = (item) => item.webkitGetAsEntry?.()?.isDirectory;
    if ([...event.dataTransfer.items].some(isFolder)) {
      showBanner("A folder can't be sent: drop the files in it.", "OK", hideBanner);
    } else {
      offer(event.dataTransfer.files);
    }
  });
}
