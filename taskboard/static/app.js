// What makes pages quicker to use; every page works without it. No dependency, clean under a strict CSP.
"use strict";
(() => {
  const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));
  const say = (words) => { document.getElementById("said").textContent = words; };

  // --- A form is sent once: a second click waits, coming back with the browser's arrow frees it.
  const free = (form) => {
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
    all("[data-was-on]", form).forEach((control) => { control.disabled = false; delete control.dataset.wasOn; });
  };
  const hold = (form) => {
    form.dataset.sent = "1";
    form.setAttribute("aria-busy", "true");
    // Later: a disabled button would leave its name out of what is being sent.
    setTimeout(() => all("button:not([type=button])", form).filter((button) => !button.disabled).forEach((button) => {
      button.disabled = true;
      button.dataset.wasOn = "1";
    }));
  };
  window.addEventListener("pageshow", () => all("form").forEach(free));

  // --- A filter's address carries only what is set; a list that is changed starts at its first page.
  const leaveOutEmpty = (form) => all("input, select", form).forEach((control) => {
    if (!control.value && !control.disabled) { control.disabled = true; control.dataset.wasOn = "1"; }
  });

  // --- data-confirm on a form names what will happen and asks once.
  const ask = (form, submitter) => {
    const dialog = document.getElementById("ask");
    const yes = dialog.querySelector("[value=yes]");
    dialog.querySelector("p").textContent = form.dataset.confirm;
    yes.textContent = form.dataset.confirmVerb || "确认";
    yes.className = form.dataset.confirmDanger === undefined ? "btn btn-primary" : "btn btn-danger";
    dialog.returnValue = "";
    dialog.addEventListener("close", () => {
      if (dialog.returnValue !== "yes") return;
      form.dataset.confirmed = "1";
      form.requestSubmit(submitter || undefined);
    }, { once: true });
    dialog.showModal();
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    const method = (form.getAttribute("method") || "get").toLowerCase();
    if (method === "dialog") return;
    if (method === "get") { leaveOutEmpty(form); setTimeout(() => free(form)); return; }
    if (form.dataset.sent) return event.preventDefault();
    if (form.dataset.confirm !== undefined && !form.dataset.confirmed) {
      event.preventDefault();
      return ask(form, event.submitter);
    }
    delete form.dataset.confirmed;
    const inRow = form.closest("tr.row-form");
    if (inRow) { event.preventDefault(); sendInRow(form, inRow, event.submitter); }
    hold(form);
  });
  document.addEventListener("change", (event) => {
    const form = event.target.form;
    if (form && form.dataset.autosubmit !== undefined && event.target.tagName === "SELECT") form.requestSubmit();
  });

  // --- 填报 in the row: the link's page, asked for with part=1, opens under the line.
  const parsed = (text) => {
    const page = text.trimStart().startsWith("<tr") ? `<table><tbody>${text}</tbody></table>` : text;
    return document.importNode(new DOMParser().parseFromString(page, "text/html").body, true);
  };
  const withPart = (address) => {
    const url = new URL(address, location.href);
    url.searchParams.set("part", "1");
    return url;
  };
  const headers = { "X-Requested-With": "fetch" };
  const close = (formRow) => {
    const row = formRow.previousElementSibling;
    formRow.remove();
    all("[data-row-form]", row).forEach((link) => { link.setAttribute("aria-expanded", "false"); link.focus(); });
  };
  const fill = (formRow, body) => {
    formRow.firstElementChild.replaceChildren(...body.childNodes);
    const first = formRow.querySelector("[aria-invalid=true], input:not([type=hidden]), textarea, select");
    if (first) first.focus();
  };
  const notSent = (formRow, words) => {
    const cell = formRow.firstElementChild;
    all(".errors.net", cell).forEach((old) => old.remove());
    const bar = document.createElement("p");
    bar.className = "errors net";
    bar.setAttribute("role", "alert");
    bar.textContent = words;
    cell.prepend(bar);
  };

  const openInRow = async (link) => {
    const row = link.closest("tr");
    const open = row.nextElementSibling;
    if (open && open.classList.contains("row-form")) return close(open);
    all("tr.row-form").forEach((other) => { if (!isTouched(other)) close(other); });
    const formRow = document.createElement("tr");
    formRow.className = "row-form";
    const cell = formRow.insertCell();
    cell.colSpan = Array.from(row.cells).reduce((sum, one) => sum + one.colSpan, 0);
    cell.textContent = "正在打开…";
    row.after(formRow);
    link.setAttribute("aria-expanded", "true");
    try {
      const answer = await fetch(withPart(link.href), { headers });
      if (answer.redirected || !answer.ok) return location.assign(link.href);
      fill(formRow, parsed(await answer.text()));
    } catch (error) {
      location.assign(link.href);
    }
  };
  const isTouched = (formRow) => all("input:not([type=hidden]), textarea, select", formRow).some((control) =>
    control.type === "file" ? control.files.length : control.tagName === "SELECT" ? false : control.value !== control.defaultValue);

  const sendInRow = async (form, formRow, submitter) => {
    const body = new FormData(form);
    if (submitter && submitter.name) body.append(submitter.name, submitter.value);
    let answer;
    try {
      answer = await fetch(withPart(form.getAttribute("action") || location.href), { method: "POST", body, headers });
    } catch (error) {
      free(form);
      return notSent(formRow, "没有发送成功，已填内容仍在。请检查网络后再次提交。");
    }
    if (answer.redirected) return location.assign(answer.url);
    const page = parsed(await answer.text());
    const row = page.querySelector("tr");
    if (answer.ok && row) return swap(formRow, row);
    if (page.querySelector("form")) return fill(formRow, page);
    free(form);
    const reason = page.querySelector("[data-message]");
    notSent(formRow, reason ? reason.textContent : "没有保存，已填内容仍在。请稍后再次提交。");
  };
  const swap = (formRow, row) => {
    const old = formRow.previousElementSibling;
    formRow.remove();
    old.replaceWith(row);
    row.classList.add("was-said");
    say(row.dataset.said || "已保存");
    setTimeout(() => row.classList.remove("was-said"), 4000);
    const next = row.nextElementSibling && row.nextElementSibling.querySelector("[data-row-form]");
    (next || row.querySelector("a, button") || document.body).focus();
  };

  document.addEventListener("click", (event) => {
    const target = event.target;
    const link = target.closest("[data-row-form]");
    if (link && link.closest("tr") && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      openInRow(link);
    }
    if (target.closest("[data-row-close]")) {
      const formRow = target.closest("tr.row-form");
      if (formRow) { event.preventDefault(); close(formRow); }
    }
    const taker = target.closest("[data-into]");
    if (taker) {
      const field = document.getElementById(taker.dataset.into);
      field.value = taker.dataset.text;
      field.focus();
    }
    if (target.closest("[data-print]")) window.print();
    if (target.closest("[data-select]")) target.closest("[data-select]").select();
    const copier = target.closest("[data-copy]");
    if (copier) {
      const field = document.getElementById(copier.dataset.copy);
      field.select();
      if (document.execCommand("copy")) { copier.textContent = "已复制"; say("已复制"); }
    }
    all("details.pop[open]").forEach((pop) => { if (!pop.contains(target)) pop.open = false; });
  });

  // --- A panel that would leave the window hangs on its other edge.
  document.addEventListener("toggle", (event) => {
    const panel = event.target.open && event.target.matches(".pop:not(.menu)") && event.target.querySelector(".panel");
    if (panel) panel.classList.toggle("to-left", panel.getBoundingClientRect().right > innerWidth - 8);
  }, true);

  // --- Long work says how far it is: the page sends a key along and asks with it meanwhile.
  const hex = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const follow = (key, words, total) => {
    const bar = document.createElement("div");
    bar.className = "busy";
    bar.setAttribute("role", "status");
    bar.innerHTML = "<span></span><progress></progress>";
    const show = (done) => {
      bar.firstChild.textContent = done ? `${words}：${done}${total >= done ? " / " + total : ""} 行` : `${words}…`;
      if (done && total >= done) { bar.lastChild.max = total; bar.lastChild.value = done; }
    };
    show(0);
    const comes = setTimeout(() => document.body.append(bar), 500);
    const asks = setInterval(async () => {
      try { show((await (await fetch(document.body.dataset.progress + key, { headers })).json()).done); } catch (error) { /* asked again */ }
    }, 700);
    return () => { clearTimeout(comes); clearInterval(asks); bar.remove(); };
  };
  const exported = async (link) => {
    if (link.getAttribute("aria-busy")) return;
    const key = hex();
    const url = new URL(link.href, location.href);
    url.searchParams.set("progress", key);
    link.setAttribute("aria-busy", "true");
    const end = follow(key, "正在导出", Number(link.dataset.total));
    try {
      const answer = await fetch(url, { headers });
      if (!answer.ok || answer.redirected) return location.assign(link.href);
      const name = /filename\*=UTF-8''([^;]+)/.exec(answer.headers.get("Content-Disposition") || "");
      const file = document.createElement("a");
      file.href = URL.createObjectURL(await answer.blob());
      file.download = name ? decodeURIComponent(name[1]) : "";
      file.click();
      setTimeout(() => URL.revokeObjectURL(file.href), 60000);
      say("已导出");
    } catch (error) {
      location.assign(link.href);
    } finally {
      end();
      link.removeAttribute("aria-busy");
    }
  };
  // A form with data-progress="正在导入" sends a key along; the page asks with it until the answer replaces the page.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.dataset.progress === undefined) return;
    const field = form.querySelector("input[name=progress]") || document.createElement("input");
    Object.assign(field, { type: "hidden", name: "progress", value: hex() });
    form.append(field);
    const end = follow(field.value, form.dataset.progress, Number(form.dataset.total));
    window.addEventListener("pagehide", end, { once: true });
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-export]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    exported(link);
  });

  // --- A page that waits for something looks again while it is in sight: data-again="3" (seconds).
  all("[data-again]").forEach((place) => setInterval(() => {
    if (document.visibilityState === "visible") location.reload();
  }, Number(place.dataset.again) * 1000));

  // --- Keys: j and k walk a worklist, Enter does what the row offers, / seeks, Escape closes.
  const walk = (step) => {
    const rows = all("[data-rows] tbody tr").filter((row) => !row.classList.contains("row-form") && row.querySelector("a, button"));
    if (!rows.length) return;
    const here = rows.findIndex((row) => row.contains(document.activeElement));
    const row = rows[Math.min(Math.max(here + step, 0), rows.length - 1)];
    (row.querySelector("[data-row-form]") || row.querySelector("a, button")).focus();
    row.scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("keydown", (event) => {
    const target = event.target;
    if (event.key === "Escape") {
      all("details.pop[open]").forEach((pop) => { pop.open = false; pop.querySelector("summary").focus(); });
      const formRow = target.closest && target.closest("tr.row-form");
      if (formRow && !isTouched(formRow)) close(formRow);
    }
    if (event.ctrlKey || event.metaKey || event.altKey || target.closest("input, textarea, select, dialog")) return;
    if (event.key === "j") walk(1);
    if (event.key === "k") walk(-1);
    if (event.key === "/" && document.getElementById("seek")) { event.preventDefault(); document.getElementById("seek").focus(); }
  });

  // --- Bulk deeds: the bar comes with the first tick and says how many.
  all("form[data-bulk]").forEach((form) => {
    const boxes = Array.from(form.querySelectorAll("input[name=item]"));
    const everything = form.querySelector("[data-check-all]");
    const bar = form.querySelector(".bulk-bar");
    const count = () => {
      const ticked = boxes.filter((box) => box.checked).length;
      bar.hidden = !ticked;
      bar.querySelector("[data-count]").textContent = ticked;
      everything.checked = ticked === boxes.length;
      everything.indeterminate = ticked > 0 && ticked < boxes.length;
    };
    everything.addEventListener("change", () => { boxes.forEach((box) => { box.checked = everything.checked; }); count(); });
    form.addEventListener("change", count);
    count();
  });

  // --- Sums while one types: parts against their whole. Whole ten-thousandths, so that nothing is lost to floats.
  const SCALE = 10000;
  const typed = (box) => {
    const text = box ? box.value.normalize("NFKC").replace(/[,\s%]/g, "") : "";
    return text === "" || !Number.isFinite(Number(text)) ? null : Math.round(Number(text) * SCALE);
  };
  const shown = (value) => (value / SCALE).toLocaleString("en-US", { maximumFractionDigits: 4 });
  const total = (boxes) => {
    const given = boxes.map(typed).filter((one) => one !== null);
    return given.length ? given.reduce((sum, one) => sum + one, 0) : null;
  };
  all("form[data-adds-up]").forEach((form) => {
    const left = form.querySelector("[data-left]");
    const agree = form.querySelector("[data-agree]");
    const tick = agree.querySelector("input");
    const count = () => {
      const sum = total(all("[data-part=part]", form));
      const whole = typed(form.querySelector("[data-part=whole]"));
      const gap = sum === null || whole === null ? null : whole - sum - (typed(form.querySelector("[data-part=reserve]")) || 0);
      form.querySelector("[data-sum]").textContent = sum === null ? "–" : shown(sum);
      const words = gap ? `${gap > 0 ? left.dataset.short : left.dataset.over} ${shown(Math.abs(gap))}` : gap === 0 ? left.dataset.equal : "";
      left.textContent = words;
      agree.hidden = !gap;
      agree.querySelector("[data-left-again]").textContent = words;
      const value = gap ? String(gap / SCALE) : "";
      if (tick.value !== value && Number(tick.value) !== gap / SCALE) { tick.value = value; tick.checked = false; }
    };
    form.addEventListener("input", (event) => { if (event.target !== tick) count(); });
  });
  all("form[data-cascade]").forEach((form) => {
    const box = (key) => form.querySelector(`[data-period="${key}"]`);
    const check = (place) => {
      const whole = typed(box(place.dataset.sumOf));
      const levels = place.dataset.levels.split("|").map((keys) => keys.split(" ").map(box));
      const complete = levels.find((boxes) => boxes.every((one) => typed(one) !== null));
      const over = levels.find((boxes) => whole !== null && total(boxes) !== null && total(boxes) > whole);
      const boxes = complete || over;
      const gap = boxes && whole !== null ? total(boxes) - whole : null;
      place.textContent = gap === null ? "" : `合计 ${shown(total(boxes))}，${gap ? `${gap < 0 ? "少" : "多"} ${shown(Math.abs(gap))}` : "相符"}`;
      place.className = gap ? "ink-red" : "";
    };
    form.addEventListener("input", () => all("[data-sum-of]", form).forEach(check));
  });
})();
