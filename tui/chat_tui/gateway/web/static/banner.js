// A sentence at the top of the page, with a button for what can be done about it.

const banner = document.getElementById("banner");
const sentence = banner.querySelector("span");
const button = banner.querySelector("button");

export function showBanner(text, action, act) {
  sentence.textContent = text;
  button.textContent = action;
  button.onclick = act;
  banner.hidden = false;
}

export function hideBanner() {
  banner.hidden = true;
}
