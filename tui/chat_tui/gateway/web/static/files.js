// Files: those that the person saves.

// Save what the server has there for this page, once.
export function save(address) {
  const link = document.createElement("a");
  link.href = new URL(address, document.baseURI);
  link.download = ""; // the server names it
  link.click();
}
