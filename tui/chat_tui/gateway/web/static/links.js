// Links open in a new tab. xterm.js would not do so here: it forgets a link when its row is drawn
// again, and the client draws a row when the mouse is pressed in it.

import { WebLinksAddon } from "./vendor/addon-web-links.mjs";

export function connectLinks(terminal, place) {
  let hovered = "";
  const callbacks = {
    hover(_, address) {
      hovered = address;
    },
    leave() {
      hovered = "";
    },
  };
  terminal.options.linkHandler = { activate() {}, ...callbacks };
  terminal.loadAddon(new WebLinksAddon(() => {}, callbacks));
  // Before the client learns of it, which would copy the link.
  let pressed = "";
  place.addEventListener(
    "mousedown",
    (event) => {
      pressed = event.button === 0 && /^https?:/i.test(hovered) ? hovered : "";
      if (pressed) take(event);
    },
    true,
  );
  place.addEventListener(
    "click",
    (event) => {
      if (!pressed) return;
      take(event);
      open(pressed, "_blank", "noopener,noreferrer");
    },
    true,
  );
}

function take(event) {
  event.preventDefault();
  event.stopPropagation();
}
