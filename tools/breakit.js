// "Break it": the marked spots of a function become buttons; pressing one breaks the code as it was broken beforehand,
// and shows what went red. Everything comes from the table in the box. What was caught is kept in this browser.
(() => {
  const KEY = "linreg_nb.caught";  // {function: {break: 1 caught, 2 foreseen, too}}
  const FORESEEN = 2;
  let memory = {};
  const read = () => { try { return JSON.parse(localStorage.getItem(KEY)) || {}; } catch { return memory; } };
  const write = (all) => { memory = all; try { localStorage.setItem(KEY, JSON.stringify(all)); } catch { /* this visit only */ } };
  const make = (tag, cls, ...children) => {
    const element = document.createElement(tag);
    if (cls) element.className = cls;
    element.append(...children);
    return element;
  };
  const button = (cls, text, press) => {
    const element = make("button", cls, text);
    element.type = "button";
    element.addEventListener("click", press);
    return element;
  };
  const tally = (name, ids) => {
    const mine = read()[name] || {};
    const known = ids.filter((id) => mine[id]);
    return [known.length, known.filter((id) => mine[id] === FORESEEN).length];
  };
  const numbers = (text) => text.split(" ").map(Number);

  const start = (box) => {
    const code = box.querySelector(".breakit-code code"), text = code.textContent, name = box.dataset.function;
    const verdict = box.querySelector(".breakit-verdict"), counter = box.querySelector(".breakit-count");
    const breaks = [...box.querySelectorAll("tr[data-id]")].map((row) => ({
      id: row.dataset.id, at: row.dataset.spot, spot: numbers(row.dataset.spot), edit: numbers(row.dataset.edit),
      added: row.dataset.new, says: row.querySelector("span").textContent, said: row.cells[1], group: row.parentElement,
    }));
    const groups = [...new Set(breaks.map((b) => b.group))];
    const spots = [...new Map(breaks.map((b) => [b.at, b.spot])).values()].sort((a, b) => a[0] - b[0]);
    const ids = breaks.filter((b) => b.group.dataset.kind === "red").map((b) => b.id);
    const guess = make("input");
    guess.type = "checkbox";

    const count = () => { counter.textContent = `${tally(name, ids)[0]} of ${ids.length} caught`; };
    const piece = (from, to) => {  // a stretch of the code, with its spots as buttons
      const part = document.createDocumentFragment();
      for (const [a, b] of spots) {
        if (a < from || b > to) continue;
        const line = text.slice(0, a).split("\n").length;
        const spot = button("breakit-spot", text.slice(a, b), () => press(a));
        spot.dataset.at = a;
        spot.setAttribute("aria-label", `${text.slice(a, b)} in line ${line}: break it`);
        part.append(text.slice(from, a), spot);
        from = b;
      }
      part.append(text.slice(from, to));
      return part;
    };
    const draw = (broken) => {
      if (!broken) return code.replaceChildren(piece(0, text.length));
      const [from, to] = broken.edit;
      code.replaceChildren(piece(0, from));
      if (to > from) code.append(make("del", "", piece(from, to)));
      if (broken.added) code.append(make("ins", "", broken.added));
      code.append(piece(to, text.length));
    };
    const focus = (at) => code.querySelector(`[data-at="${at}"]`)?.focus({preventScroll: true});
    const press = (at) => {
      const choices = breaks.filter((b) => b.spot[0] === at);
      draw();
      focus(at);
      if (choices.length === 1) return ask(choices[0]);
      const list = choices.map((b) => button("breakit-choice", b.says, () => ask(b)));
      verdict.replaceChildren(make("p", "", "How?"), make("p", "breakit-choices", ...list));
    };
    const ask = (b) => {
      draw(b);
      if (!guess.checked) return show(b, null);
      const list = groups.map((g) => button("breakit-choice", g.dataset.short, () => show(b, g)));
      verdict.replaceChildren(make("p", "", "What goes red first?"), make("p", "breakit-choices", ...list));
      verdict.querySelector("button").focus({preventScroll: true});
    };
    const show = (b, guessed) => {
      const red = b.group.dataset.kind === "red", right = guessed === b.group;
      if (red) {
        const all = read(), mine = all[name] ||= {};
        mine[b.id] = Math.max(mine[b.id] || 0, right ? FORESEEN : 1);
        write(all);
        count();
      }
      const head = make("p", "", make("b", "", red ? "✗ Caught. " : "○ Not caught. "));
      if (guessed) head.prepend(right ? "As you said. " : `You said: ${guessed.dataset.short}. `);
      head.append(...[...b.group.rows[0].cells[0].cloneNode(true).childNodes]);
      const said = make("p", "breakit-said", ...b.said.cloneNode(true).childNodes);
      const mend = button("breakit-choice", "Mend it", () => { draw(); verdict.replaceChildren(); focus(b.spot[0]); });
      verdict.replaceChildren(head, said, make("p", "", mend));
      verdict.dataset.kind = b.group.dataset.kind;
      focus(b.spot[0]);
    };
    box.addEventListener("click", (event) => {  // a check is folded: open it
      const to = event.target.closest('a[href^="#"]');
      document.getElementById(to?.hash.slice(1))?.querySelectorAll("details").forEach((d) => { d.open = true; });
    });
    if (groups.length > 1) box.querySelector(".breakit-how").append(" ", make("label", "", guess, " Let me guess first."));
    box.classList.add("breakit-on");
    draw();
    count();
  };

  const progress = (page) => {
    const rows = [...page.querySelectorAll("tr[data-function]")], foot = page.querySelector("tfoot tr");
    const fill = (row, pair) => pair.forEach((n, i) => { row.cells[i + 2].textContent = n; });
    const count = () => {
      let all = [0, 0];
      for (const body of page.querySelectorAll("tbody")) {
        let sum = [0, 0];
        for (const row of body.querySelectorAll("tr[data-function]")) {
          const pair = tally(row.dataset.function, row.dataset.ids.split(" "));
          fill(row, pair);
          sum = [sum[0] + pair[0], sum[1] + pair[1]];
        }
        fill(body.rows[0], sum);
        all = [all[0] + sum[0], all[1] + sum[1]];
      }
      fill(foot, all);
    };
    const reset = page.querySelector("button");
    reset.parentElement.hidden = !rows.length;
    reset.addEventListener("click", () => { write({}); count(); });
    count();
  };

  document.querySelectorAll(".breakit").forEach(start);
  document.querySelectorAll(".breakit-progress").forEach(progress);
  if (location.hash.startsWith("#break-")) document.querySelector(`${location.hash} details`).open = true;
})();
