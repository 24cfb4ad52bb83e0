// The format follows the name of the chosen file.
const file = document.querySelector('input[type="file"]');
const format = document.querySelector('select[name="format"]');

file?.addEventListener("change", () => {
  const ending = file.value.split(".").pop().toLowerCase();
  const fitting = [...(format?.options || [])].find(
    (option) => option.text.trim().toLowerCase() === ending,
  );
  if (fitting) format.value = fitting.value;
});
