// The second page: the client without a screen. Its lines are real text, so that screen readers
// read them out and phones show and edit them as any other text.

import { hideBanner, showAnother, showBanner, showElsewhere } from "./banner.js";
import { Connection } from "./connection.js";
import { connectFiles } from "./files.js";
import { invitation, keepInvitation } from "./invitation.js";

const MAX_LINES = 1_000; // that stay on the page
const LINK = /https?:\/\/[^\s<>"]+[^\s<>".,:;!?)\]}'’]/g;

const log = document.getElementById("log");
const prompt = document.getElementById("prompt");
const line = document.getElementById("line");
const title = document.title;

let ticket = ""; // whose lines are shown
let seen = 0; // bytes of them
let unread = 0; // lines since the page was looked at
let isQuestion = false;
let decoder = new TextDecoder();
let rest = ""; // of a line whose end has not arrived

const connection = new Connection(
  "plain",
  () => ({ size: { columns: 80, lines: 24 }, view: "plain", seen, invite: invitation() }),
  {
    show(bytes) {
      seen += bytes.length;
      const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
      rest = lines.pop();
      add(lines);
    },
    message(message) {
      if (!("prompt" in message)) return files.receive(message);
      const asked = message.prompt;
      isQuestion = asked.is_question;
      prompt.textContent = asked.text.trim();
      line.type = asked.is_secret ? "password" : "text";
      line.autocapitalize = isQuestion ? "off" : "sentences";
    },
    opened(newTicket) {
      hideBanner();
      if (newTicket !== ticket) {
        // Another client, which begins anew.
        ticket = newTicket;
        seen = 0;
        rest = "";
        decoder = new TextDecoder();
        log.replaceChildren();
      }
    },
    another: showAnother,
    elsewhere: showElsewhere,
    lost(seconds, retry) {
      showBanner(`Connection lost. Trying again in ${seconds} s.`, "Try now", retry);
    },
    ended(sentence) {
      prompt.textContent = "Not connected";
      line.type = "text";
      showBanner(sentence || "You have left the chat.", "Connect again", () => {
        hideBanner();
        connection.open();
        line.focus();
      });
    },
  },
);

const files = connectFiles(connection, () => line.focus());

// Add lines, and stay at the end if one was there.
function add(lines) {
  const wasAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
  log.append(...lines.map(paragraph));
  while (log.childElementCount > MAX_LINES) log.firstElementChild.remove();
  if (wasAtEnd) log.scrollTop = log.scrollHeight;
  if (document.hidden) {
    unread += lines.length;
    document.title = `(${unread}) ${title}`;
  }
}

function paragraph(text) {
  const element = document.createElement("p");
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    element.append(text.slice(end, match.index), link(match[0]));
    end = match.index + match[0].length;
  }
  element.append(text.slice(end));
  return element;
}

function link(address) {
  const element = document.createElement("a");
  element.href = element.textContent = address;
  element.target = "_blank";
  element.rel = "noopener noreferrer";
  return element;
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) {
    unread = 0;
    document.title = title;
  }
});

document.getElementById("form").onsubmit = (event) => {
  event.preventDefault();
  if (!connection.isOpen) return;
  if (isQuestion && line.type === "text") add([`${prompt.textContent} ${line.value}`]);
  connection.type(`${line.value.replaceAll("\n", " ")}\n`);
  line.value = "";
  line.focus();
};

// Above the phone's keyboard, which otherwise covers what is written.
window.visualViewport?.addEventListener("resize", () => {
  document.body.style.height = `${window.visualViewport.height}px`;
  log.scrollTop = log.scrollHeight;
});

keepInvitation();
connection.open();
