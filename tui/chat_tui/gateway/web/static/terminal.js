// The first page: a terminal, in which the server draws the client.

import "./policy.js";
import { Terminal } from "./vendor/xterm.mjs";
import { FitAddon } from "./vendor/addon-fit.mjs";
import { UnicodeGraphemesAddon } from "./vendor/addon-unicode-graphemes.mjs";
import { hideBanner, showAnother, showBanner, showElsewhere } from "./banner.js";
import { Connection } from "./connection.js";
import { invitation, keepInvitation } from "./invitation.js";
import { connectFiles } from "./files.js";
import { connectLinks } from "./links.js";
import { connectPhone } from "./phone.js";
import { connectSystem } from "./system.js";

const MAX_COLUMNS = 240; // what the server draws
const MAX_LINES = 80;

const style = getComputedStyle(document.documentElement);
const color = (name) => style.getPropertyValue(`--${name}`).trim();
const isLight = matchMedia("(prefers-color-scheme: light)").matches;
const place = document.getElementById("terminal");

const terminal = new Terminal({
  allowProposedApi: true, // for Unicode's graphemes
  cursorBlink: false,
  fontFamily: style.getPropertyValue("--font"),
  fontSize: innerWidth < 600 ? 13 : 15,
  macOptionClickForcesSelection: true,
  scrollback: 0,
  theme: {
    background: color("background"),
    foreground: color("text"),
    cursor: color("text"),
    selectionBackground: color("selection"),
  },
});
const fit = new FitAddon();
terminal.loadAddon(fit);
terminal.loadAddon(new UnicodeGraphemesAddon());

function resize() {
  const size = fit.proposeDimensions();
  if (!size?.cols || !size?.rows) return;
  terminal.resize(Math.min(size.cols, MAX_COLUMNS), Math.min(size.rows, MAX_LINES));
}

// xterm.js reports whether it has the focus; the client wants to know whether its user looks at it,
// who may be writing in the line below, too.
const isFocusReport = (text) => text === "\x1b[I" || text === "\x1b[O";
const focusReport = () => (document.hasFocus() ? "\x1b[I" : "\x1b[O");
for (const event of ["focus", "blur"]) {
  window.addEventListener(event, () => {
    if (terminal.modes.sendFocusMode) connection.type(focusReport());
  });
}

// In pixels, so that pictures are as wide as they should be.
function cell() {
  const drawn = terminal.element?.querySelector(".xterm-screen");
  if (!drawn) return [0, 0];
  const pixels = window.devicePixelRatio;
  return [
    Math.round((drawn.clientWidth / terminal.cols) * pixels),
    Math.round((drawn.clientHeight / terminal.rows) * pixels),
  ];
}

const size = () => ({ columns: terminal.cols, lines: terminal.rows, cell: cell() });

function again() {
  hideBanner();
  terminal.reset();
  connection.open();
  terminal.focus();
}

const hello = () => ({ size: size(), is_light: isLight, invite: invitation() });
const connection = new Connection("terminal", hello, {
  show: (bytes) => terminal.write(bytes),
  message: (message) => files.receive(message),
  opened: hideBanner,
  another: showAnother,
  elsewhere: showElsewhere,
  lost: (seconds, retry) =>
    showBanner(`Connection lost. Trying again in ${seconds} s.`, "Try now", retry),
  ended(sentence) {
    system.restoreTitle();
    const button = showBanner(sentence || "You have left the chat.", "Connect again", again);
    button.focus(); // which Tab does not reach from the terminal
  },
});

terminal.attachCustomKeyEventHandler((event) => {
  // The browser's own paste, since the client cannot read what has been copied here.
  const isPaste = (event.ctrlKey || event.metaKey) && !event.altKey && event.code === "KeyV";
  return !isPaste;
});
terminal.onData((text) => connection.type(isFocusReport(text) ? focusReport() : text));
terminal.onResize(() => connection.tell(size()));

const system = connectSystem(terminal);
const files = connectFiles(connection, () => terminal.focus());
connectLinks(terminal, place);
connectPhone(terminal);
terminal.open(place);
new ResizeObserver(resize).observe(place);
resize();
terminal.focus();
keepInvitation();
connection.open();
