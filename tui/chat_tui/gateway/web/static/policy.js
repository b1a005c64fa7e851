// xterm.js sets styles in two ways that the page's policy forbids: by style elements, which need
// the page's nonce, and by style attributes, where the property does the same and is allowed.

const nonce = document.querySelector("meta[name=nonce]").content;
const createElement = document.createElement.bind(document);
const setAttribute = Element.prototype.setAttribute;

document.createElement = (name, options) => {
  const element = createElement(name, options);
  if (element instanceof HTMLStyleElement) element.nonce = nonce;
  return element;
};

Element.prototype.setAttribute = function (name, value) {
  if (name === "style") this.style.cssText = value;
  else setAttribute.call(this, name, value);
};
