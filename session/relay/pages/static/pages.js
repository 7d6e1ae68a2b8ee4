// What the pages do beyond plain HTML. On the join page: the secret digits of a code, which a link has behind its "#"
// or which are typed, go into the name under which the browser saves the program, and never into a request.
"use strict";
(() => {
  const find = (selector) => document.querySelector(selector);
  const all = (selector) => document.querySelectorAll(selector);

  // Another language keeps what is behind the "#", which only the browser has.
  const keep = () => all("a[data-keep]").forEach((a) => { a.hash = location.hash; });
  keep();
  addEventListener("hashchange", keep);

  const page = find("[data-join]");
  const form = find("[data-form]");
  if (!page || !form) return;
  all(".script-only").forEach((e) => { e.hidden = false; });
  const field = find("#code");
  const problem = find("[data-problem]");

  // Digits of a code, as people write it; null when there is something else in it.
  const digitsOf = (text) => {
    const bare = text.replace(/[\s.\-–—\/·_]/g, "");
    return /^[0-9]*$/.test(bare) ? bare : null;
  };
  const pretty = (digits) => {
    const cut = digits.length - 6;
    if (cut < 4) return digits;
    return digits.slice(0, cut) + " " + digits.slice(cut, cut + 3) + " " + digits.slice(cut + 3);
  };
  // A relay as a file name can have it: a port follows "_", since ":" is not allowed there.
  const relay = location.hostname.includes(":") ? "" : location.hostname + (location.port ? "_" + location.port : "");

  const parts = () => {
    const digits = digitsOf(field.value) || "";
    if (digits.length >= 10 && digits.length <= 13) return [digits.slice(0, -6), digits.slice(-6)];
    if (page.dataset.routing && digits === page.dataset.routing) return [digits];
    return [];
  };
  const update = () => {
    const name = ["Handrail", ...parts(), relay].filter((p) => p).join("-");
    all("[data-program]").forEach((a) => { a.download = name + a.dataset.suffix; });
    const open = new URLSearchParams({ relay: location.origin });
    if (parts().length) open.set("code", parts().join(""));
    find("[data-open]").href = "handrail:join?" + open;
  };
  // What is wrong with the code; "" when it can be used, or is not there: then it is typed into the program.
  const wrong = () => {
    const digits = digitsOf(field.value);
    if (digits === null) return problem.dataset.digits;
    if (digits.length > 13) return problem.dataset.long;
    if (digits.length > 0 && digits.length < 10) return problem.dataset.short;
    return "";
  };
  const say = (text) => {
    problem.textContent = text;
    field.setAttribute("aria-invalid", text ? "true" : "false");
  };

  const read = () => {
    const secret = location.hash.slice(1);
    const routing = page.dataset.routing;
    if (routing) field.value = /^[0-9]{6}$/.test(secret) ? pretty(routing + secret) : routing + " ";
    const lead = find("[data-lead]");
    if (parts().length === 2) lead.textContent = lead.dataset.known;
    update();
  };
  field.addEventListener("input", () => {
    const digits = digitsOf(field.value);
    say(digits === null || digits.length > 13 ? wrong() : "");
    update();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    say(wrong());
    if (problem.textContent) {
      field.focus();
      return;
    }
    const main = find("[data-main]");
    if (!main) return;
    main.click();
    find("[data-done]").hidden = false;
  });
  addEventListener("hashchange", read);
  read();
})();
