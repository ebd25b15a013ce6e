// The filters of the list. All else on the page works without this.
'use strict';
(function () {
  const form = document.getElementById('filters');
  const shown = document.getElementById('shown');

  // What a link points to may lie in something that is folded.
  function reveal() {
    let at = location.hash && document.getElementById(location.hash.slice(1));
    const target = at;
    while (at) {
      if (at.localName === 'details') {
        at.open = true;
      }
      at.hidden = false;
      at = at.parentElement;
    }
    if (target) {
      target.scrollIntoView();
    }
  }
  addEventListener('hashchange', reveal);
  if (location.hash) {
    reveal();
  }

  if (!form) {
    return;
  }
  const fields = Array.from(form.querySelectorAll('[data-filter]'));
  const findings = Array.from(document.querySelectorAll('#list > details')).map((element) => ({
    element,
    text: '',
  }));

  function textOf(finding) {
    finding.text = finding.text || finding.element.textContent.toLowerCase();
    return finding.text;
  }

  function isWanted(finding, wishes) {
    return wishes.every(([name, value]) =>
      name === 'text'
        ? textOf(finding).includes(value.toLowerCase())
        : finding.element.dataset[name] === value);
  }

  function apply() {
    const wishes = fields.map((field) => [field.dataset.filter, field.value.trim()])
      .filter(([, value]) => value !== '');
    let n = 0;
    for (const finding of findings) {
      const wanted = isWanted(finding, wishes);
      finding.element.hidden = !wanted;
      n += wanted ? 1 : 0;
    }
    shown.textContent = n;
  }

  let waiting = 0;
  form.addEventListener('input', () => {
    clearTimeout(waiting);
    waiting = setTimeout(apply, 120);
  });
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('reset', () => setTimeout(apply));
  for (const link of document.querySelectorAll('#rules a[data-rule]')) {
    link.addEventListener('click', (event) => {
      event.preventDefault();
      form.reset();
      form.querySelector('[data-filter=rule]').value = link.dataset.rule;
      setTimeout(apply);
      document.getElementById('findings').scrollIntoView();
      form.querySelector('[data-filter=rule]').focus({ preventScroll: true });
    });
  }
  form.hidden = false;
})();
