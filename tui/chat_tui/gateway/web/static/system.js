// What the client does besides drawing: the tab's title, the clipboard, and notifications.

import { hideBanner, showBanner } from "./banner.js";

export function connectSystem(terminal) {
  const title = document.title;
  terminal.onTitleChange((text) => {
    document.title = text || title;
  });
  terminal.parser.registerOscHandler(52, (data) => copy(data, terminal));
  connectNotifications(terminal, title);
  return {
    restoreTitle() {
      document.title = title;
    },
  };
}

// Copy what the client sends; what is in the clipboard is not for it to read.
function copy(data, terminal) {
  const [, encoded] = data.split(";", 2);
  if (!encoded || encoded === "?") return true;
  const bytes = Uint8Array.from(atob(encoded), (char) => char.charCodeAt(0));
  const text = new TextDecoder().decode(bytes);
  const afterClick = async () => {
    hideBanner();
    terminal.focus();
    await navigator.clipboard.writeText(text);
  };
  // Safari copies only while a key or a click is dealt with, and this is the answer to one.
  navigator.clipboard?.writeText(text).catch(() => {
    showBanner("Your browser copies only after a click.", "Copy", afterClick);
  });
  return true;
}

function connectNotifications(terminal, title) {
  const button = document.getElementById("notify");
  if (!("Notification" in window)) return;
  button.hidden = Notification.permission !== "default";
  button.onclick = async () => {
    button.hidden = (await Notification.requestPermission()) !== "default";
    terminal.focus();
  };
  terminal.parser.registerOscHandler(9, (text) => {
    if (!document.hasFocus() && Notification.permission === "granted") {
      const shown = new Notification(title, { body: text, tag: "chat" });
      shown.onclick = () => {
        window.focus();
        shown.close();
      };
    }
    return true;
  });
}
