import { hearth } from "./embers.mjs";

const canvas = document.querySelector(".hearth canvas");
const button = document.querySelector("#blow");
const told = document.querySelector("#told");

if (canvas && button) {
  const fire = hearth(canvas);
  const words = ["The embers wake.", "A flame stands up.", "The pot begins to sing.", "It simmers."];
  let breaths = 0;
  button.addEventListener("click", () => {
    fire.blow(40);
    told.textContent = words[Math.min(breaths++, words.length - 1)];
  });
  fire.blow(12);
}
