// What a tab remembers until it is closed, also if the page is loaded again. In browsers that block
// all cookies, only the page remembers it.

class Memory {
  #items = new Map();

  getItem(name) {
    return this.#items.get(name) ?? null;
  }

  setItem(name, value) {
    this.#items.set(name, String(value));
  }
}

function ofTab() {
  try {
    return sessionStorage ?? new Memory();
  } catch {
    return new Memory();
  }
}

export const storage = ofTab();
