// Buttons to copy with. The page loses nothing without them.
"use strict";
(() => {
  const said = document.getElementById("said");
  const { copy, copied, what } = said.dataset;
  const write = async (text) => {
    if (navigator.clipboard && window.isSecureContext) {
      try {
        return await navigator.clipboard.writeText(text);
      } catch (_refused) { /* the older way asks nobody */ }
    }
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "unseen";
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  };
  const offer = (code, place) => {
    const text = code.textContent.replace(/\n$/, "");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = copy;
    button.setAttribute("aria-label", what.replace("%", () => text.length > 60 ? text.slice(0, 60) + "…" : text));
    button.addEventListener("click", async () => {
      await write(text);
      button.focus();
      button.textContent = said.textContent = copied;
      setTimeout(() => { button.textContent = copy; said.textContent = ""; }, 1600);
    });
    place(button);
  };
  for (const code of document.querySelectorAll("pre > code")) {
    const box = document.createElement("div");
    box.className = "copyable";
    code.parentElement.replaceWith(box);
    box.append(code.parentElement);
    offer(code, (button) => box.append(button));
  }
  for (const code of document.querySelectorAll("code.value")) offer(code, (button) => code.after(" ", button));
})();
