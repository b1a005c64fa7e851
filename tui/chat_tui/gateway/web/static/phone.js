// For phones: keys that their keyboards lack, and a line of text that is sent as a whole. Typing
// into xterm.js itself goes wrong on Android, where keyboards change what is typed already
// (https://github.com/xtermjs/xterm.js/issues/3600).

const KEYS = {
  Escape: "\x1b",
  Tab: "\t",
  ArrowUp: "A",
  ArrowDown: "B",
  ArrowRight: "C",
  ArrowLeft: "D",
  PageUp: "\x1b[5~",
  PageDown: "\x1b[6~",
};

export function connectPhone(terminal) {
  if (!matchMedia("(pointer: coarse)").matches) return;
  document.getElementById("phone").hidden = false;
  const line = document.getElementById("line");
  // Buttons that make a key of the next letter: with Ctrl, or as it is, as for a selected message.
  const keyOf = new Map([
    [document.getElementById("control"), withControl],
    [document.getElementById("letter"), (letter) => letter],
  ]);
  const hide = document.getElementById("hide");
  let before = "";

  const isArmed = (button) => button.getAttribute("aria-pressed") === "true";
  const armed = () => [...keyOf.keys()].find(isArmed);
  const arm = (armed) => {
    for (const button of keyOf.keys()) button.setAttribute("aria-pressed", String(button === armed));
  };

  for (const button of document.querySelectorAll("#keys button[data-key]")) {
    // Without taking the focus: the phone's keyboard would come and go.
    button.onpointerdown = (event) => event.preventDefault();
    button.onclick = () => terminal.input(sequence(terminal, button.dataset.key));
  }
  for (const button of keyOf.keys()) {
    button.onpointerdown = (event) => event.preventDefault();
    button.onclick = () => {
      arm(isArmed(button) ? null : button);
      line.focus();
    };
  }
  hide.onclick = () => {
    const isHidden = line.type === "text";
    line.type = isHidden ? "password" : "text";
    hide.setAttribute("aria-pressed", String(isHidden));
    line.focus();
  };
  // Not by key events, which keyboards on Android do not send.
  line.oninput = () => {
    const button = armed();
    if (button && line.value.length > before.length) {
      terminal.input(keyOf.get(button)(line.value.at(-1)));
      line.value = before;
      arm(null);
    }
    before = line.value;
  };
  document.getElementById("phone").onsubmit = (event) => {
    event.preventDefault();
    if (line.value) terminal.paste(line.value);
    terminal.input("\r");
    line.value = before = "";
  };
  // A touch of the terminal is a click in it, and does not bring up the keyboard for it.
  new MutationObserver(() => {
    terminal.textarea?.setAttribute("inputmode", "none");
  }).observe(document.getElementById("terminal"), { childList: true });
  followKeyboard();
}

// Return what Ctrl makes of a letter; nothing of what is none.
function withControl(letter) {
  const code = letter.toUpperCase().charCodeAt(0);
  return code >= 64 && code < 96 ? String.fromCharCode(code - 64) : "";
}

function sequence(terminal, key) {
  const isArrow = key.startsWith("Arrow");
  if (!isArrow) return KEYS[key];
  return (terminal.modes.applicationCursorKeysMode ? "\x1bO" : "\x1b[") + KEYS[key];
}

// Keep the page above the phone's keyboard, which otherwise covers its lower half.
function followKeyboard() {
  const view = window.visualViewport;
  if (!view) return;
  view.addEventListener("resize", () => {
    document.body.style.height = `${view.height}px`;
    scrollTo(0, 0);
  });
}
