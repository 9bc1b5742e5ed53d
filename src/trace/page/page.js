(function () {
  var root = document.documentElement, tools = document.querySelector(".tools");
  if (!tools) return;
  tools.hidden = false;
  function all(open) {
    document.querySelectorAll("details").forEach(function (d) { d.open = open; });
  }
  document.getElementById("open-all").onclick = function () { all(true); };
  document.getElementById("close-all").onclick = function () { all(false); };
  document.getElementById("theme").onclick = function () {
    var dark = root.dataset.theme ? root.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  };
  function aim() {
    var at = location.hash && document.getElementById(location.hash.slice(1));
    for (var p = at; p; p = p.parentElement) if (p.tagName === "DETAILS") p.open = true;
  }
  addEventListener("hashchange", aim);
  aim();
})();
