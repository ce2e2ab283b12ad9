// The browser's side of a form or a console. Without it the plain widgets do all the work; with it,
// typed text goes to the kernel as a message and never into a widget's state, Send is disabled at
// the first press, Ctrl+Enter sends, texts can be copied, tables can be clicked, and screen readers
// hear what is required, wrong and pressed.
const ROOT = ".swnb-form";
const INPUT = "input, select, textarea";
const COPIED = 1500; // milliseconds

function render({ model, el }) {
  el.style.display = "none";
  const ended = new AbortController();
  const drafts = new Map(); // what was typed into an input and not sent yet, by the input's name
  let root = null;
  let pressed = -1; // the place of the button that was pressed and had the focus
  let answered = false;
  let clicked = null; // the button that the first of several clicks was on

  const mine = (node) => root !== null && node instanceof Element && node.closest(ROOT) === root;
  const nameOf = (node) => node.closest("[class*='swnb-in-']")?.className.match(/swnb-in-\d+/)[0];
  const once = () => [...root.querySelectorAll(".swnb-once")].filter(mine);

  function send(input, name) {
    drafts.delete(name);
    model.send({ typed: input.value, in: name });
  }

  // The window hears an event before JupyterLab's shortcuts and before ipywidgets, which would put
  // the text into the widget's state.
  const on = (type, hear) =>
    window.addEventListener(type, (event) => mine(event.target) && hear(event, event.target), {
      capture: true,
      signal: ended.signal,
    });

  on("input", (_, target) => {
    const name = nameOf(target);
    if (name) drafts.set(name, target.value);
  });

  on("change", (event, target) => {
    const name = nameOf(target);
    if (!name || !target.matches("input, textarea")) return;
    event.stopImmediatePropagation();
    send(target, name);
  });

  // There is no change event if an answer came while the user typed on.
  on("focusout", (_, target) => {
    const name = nameOf(target);
    if (drafts.has(name)) send(target, name);
  });

  // JupyterLab looks for this between the focused element and the element of its own selector, which
  // may be the focused one: the keys b and d d would act on cells.
  on("focusin", (_, target) => {
    if (!target.matches(":read-write")) target.setAttribute("data-lm-suppress-shortcuts", "true");
  });

  on("keydown", (event, target) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && target.matches(INPUT)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      const name = nameOf(target);
      if (drafts.has(name)) send(target, name);
      else if (!name) target.dispatchEvent(new Event("change", { bubbles: true }));
      [...root.querySelectorAll(".swnb-send")].find(mine)?.click();
    } else if ((event.key === "Enter" || event.key === " ") && target.matches("[data-swnb-do]")) {
      event.preventDefault();
      event.stopImmediatePropagation();
      target.click();
    }
  });

  // The second click of a double click may meet what the first one has put in its place, such as
  // the next entry's "Remove".
  on("click", (event, target) => {
    const button = target.closest("button");
    if (event.detail < 2) {
      clicked = button;
    } else if (button !== null && button !== clicked) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  });

  on("click", (event, target) => {
    const button = target.closest(".swnb-once");
    if (button) {
      if (button.dataset.swnbPressed) {
        event.preventDefault();
        event.stopImmediatePropagation();
        return;
      }
      button.dataset.swnbPressed = "true";
      pressed = document.activeElement === button ? once().indexOf(button) : -1;
      setTimeout(() => { button.disabled = true; }); // disabled now, it would not be clicked
    }
    const asked = target.closest("[data-swnb-do]");
    if (asked?.dataset.swnbDo === "copy") copy(asked);
    else if (asked) model.send({ do: asked.dataset.swnbDo });
  });

  function hear(message) {
    if (root === null) return;
    if (message.show !== undefined) {
      const input = root.querySelector(`.${message.in} :is(input, textarea)`);
      const text = drafts.get(message.in) ?? message.show;
      if (input && input.value !== text) input.value = text;
    }
    if (message.done) {
      for (const button of once()) {
        if (button.dataset.swnbPressed) button.disabled = false;
        delete button.dataset.swnbPressed;
      }
      answered = true;
      draw();
    }
  }

  // A button that was disabled, or replaced by a new one, has lost the focus.
  function refocus() {
    const button = once()[pressed];
    if (!answered || !button || button.disabled) return;
    if (document.activeElement === document.body) button.focus();
    pressed = -1;
    answered = false;
  }

  let drawing = 0;
  const draw = () => {
    drawing ||= requestAnimationFrame(() => {
      drawing = 0;
      describe(root);
      refocus();
    });
  };
  const watcher = new MutationObserver(draw);

  function start() {
    root = el.closest(ROOT);
    if (root === null) {
      drawing = requestAnimationFrame(start); // ipywidgets puts the view into the page later
      return;
    }
    drawing = 0;
    root.classList.add("swnb-live");
    watcher.observe(root, { childList: true, subtree: true, attributeFilter: ["class"] });
    draw();
  }

  model.on("msg:custom", hear);
  start();
  return () => {
    ended.abort();
    watcher.disconnect();
    cancelAnimationFrame(drawing);
    model.off("msg:custom", hear);
  };
}

let ids = 0;
const idOf = (node) => (node.id ||= `swnb-${ids++}`);

// Set what ipywidgets has no names for. Attributes that do not change are not written again.
function describe(root) {
  const set = (node, name, value) => {
    if (value === null) node.removeAttribute(name);
    else if (node.getAttribute(name) !== value) node.setAttribute(name, value);
  };
  for (const note of root.querySelectorAll(".swnb-unloaded")) note.remove();
  for (const box of root.querySelectorAll(".swnb-field")) {
    const said = [...box.querySelectorAll(":scope > * [role=alert], :scope > * .swnb-help")];
    const own = said.filter((each) => each.closest(".swnb-field") === box);
    const wrong = own.some((each) => each.role === "alert");
    for (const label of box.querySelectorAll(":scope > * > label")) {
      const input = label.parentElement.querySelector(INPUT);
      if (!input) continue;
      set(input, "aria-required", /\brequired\)$/.test(label.textContent.trim()) ? "true" : null);
      set(input, "aria-invalid", wrong ? "true" : null);
      set(input, "aria-describedby", own.map(idOf).join(" ") || null);
    }
  }
  for (const box of root.querySelectorAll(".swnb-field, .swnb-entry")) {
    const head = box.querySelector(":scope > .widget-html b, :scope > .widget-hbox > .widget-html b");
    if (!head || head.closest("[role=alert]")) continue;
    set(box, "role", "group");
    set(box, "aria-label", head.textContent);
  }
  for (const button of root.querySelectorAll(".widget-toggle-button, .widget-toggle-buttons button")) {
    set(button, "aria-pressed", String(button.classList.contains("mod-active")));
  }
  name([...root.querySelectorAll(".jupyter-button:not(.swnb-once)")], set);
  for (const asked of root.querySelectorAll("[data-swnb-do]")) {
    asked.style.cursor = "pointer";
    if (asked.style.display === "none") asked.style.display = "";
    if (asked.matches("button, tr")) continue;
    set(asked, "tabindex", "0");
    set(asked, "role", "button");
  }
}

// A list has many buttons that say "Remove": their titles say of what. And its entries have the same
// fields: a button that is named like another one says in which entry it is.
function name(buttons, set) {
  const plain = ({ title, innerText }) => (title.startsWith(innerText) ? title : innerText);
  const counts = new Map();
  for (const each of buttons.map(plain)) counts.set(each, (counts.get(each) ?? 0) + 1);
  for (const button of buttons) {
    const names = [plain(button)];
    if (counts.get(names[0]) > 1) {
      for (let box = button; (box = box.parentElement?.closest("[role=group]")); ) {
        names.push(box.getAttribute("aria-label"));
      }
    }
    set(button, "aria-label", names.join() === button.innerText ? null : names.join(", "));
  }
}

async function copy(button) {
  const text = button.closest(".swnb-copied").querySelector("pre").textContent;
  try {
    await navigator.clipboard.writeText(text);
  } catch { // no permission, or a page without https
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  button.textContent = "Copied";
  setTimeout(() => { button.textContent = "Copy"; }, COPIED);
}

export default { render };
