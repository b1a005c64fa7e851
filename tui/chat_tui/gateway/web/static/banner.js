// A sentence at the top of the page, with a button for what can be done about it.

const banner = document.getElementById("banner");
const sentence = banner.querySelector("span");
const button = banner.querySelector("button");

// Show `text`; return the button that is called `action` and does `act`.
export function showBanner(text, action, act) {
  sentence.textContent = text;
  button.textContent = action;
  button.onclick = act;
  banner.hidden = false;
  return button;
}

// Say that the page is open at an address from which the chat cannot be reached.
export function showElsewhere(url) {
  const text = `The chat can't be used at this address. Its own is ${url}`;
  showBanner(text, "Go there", () => location.assign(url + location.hash));
}

// Say that there is no way back to the client that the page showed before.
export function showAnother() {
  const text = "Your last chat here has ended. Every message that was sent is still there.";
  showBanner(text, "OK", hideBanner);
}

export function hideBanner() {
  banner.hidden = true;
}
