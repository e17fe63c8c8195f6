for (const figure of document.querySelectorAll('.slider')) {
  const over = figure.querySelector('.over');
  figure.querySelector('input').addEventListener('input', (e) => {
    over.style.clipPath = `inset(0 ${100 - e.target.value}% 0 0)`;
  });
}
