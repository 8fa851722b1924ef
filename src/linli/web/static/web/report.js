/* The code of a receipt stands behind '#' in its address, where no server sees it; here it is put into the form. */
"use strict";
(() => {
  const code = decodeURIComponent(window.location.hash.slice(1));
  const field = document.querySelector("input[name=code]");
  if (field && /^[0-9A-Za-z]{8}$/.test(code)) {
    field.value = code;
    window.history.replaceState(null, "", window.location.pathname + window.location.search);
  }
})();
