// What the client does besides drawing: the tab's title, the clipboard, and notifications.

export function connectSystem(terminal) {
  const title = document.title;
  terminal.onTitleChange((text) => {
    document.title = text || title;
  });
  terminal.parser.registerOscHandler(52, copy);
  connectNotifications(terminal, title);
  return {
    restoreTitle() {
      document.title = title;
    },
  };
}

// Copy what the client sends; what is in the clipboard is not for it to read.
function copy(data) {
  const [, encoded] = data.split(";", 2);
  if (!encoded || encoded === "?") return true;
  const bytes = Uint8Array.from(atob(encoded), (char) => char.charCodeAt(0));
  navigator.clipboard?.writeText(new TextDecoder().decode(bytes)).catch(() => {
    console.warn("The browser does not allow this page to copy.");
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
