'use strict';
const changes = [...document.querySelectorAll('#changes details')];
const search = document.getElementById('search');
const kinds = [...document.querySelectorAll('button.kind')];
const texts = changes.map((change) => change.textContent.toLowerCase());
function show() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const wanted = kinds.filter((kind) => kind.getAttribute('aria-pressed') === 'true').map((kind) => kind.dataset.kind);
  let count = 0;
  changes.forEach((change, place) => {
    const is_shown = words.every((word) => texts[place].includes(word)) && (!wanted.length || wanted.includes(change.dataset.kind));
    change.hidden = !is_shown;
    count += is_shown ? 1 : 0;
  });
  document.getElementById('found').textContent = count < changes.length ? `${count} of ${changes.length}` : '';
}
if (search) {
  search.addEventListener('input', show);
  kinds.forEach((kind) => kind.addEventListener('click', () => {
    kind.setAttribute('aria-pressed', String(kind.getAttribute('aria-pressed') !== 'true'));
    show();
  }));
  const all = (is_open) => () => changes.filter((change) => !change.hidden).forEach((change) => { change.open = is_open; });
  document.getElementById('open').addEventListener('click', all(true));
  document.getElementById('close').addEventListener('click', all(false));
}
