// Sparks above the fire: they rise, drift, cool and go out.
const calm = matchMedia("(prefers-reduced-motion: reduce)");

const spark = (width, height) => ({
  x: width * (0.5 + (Math.random() - 0.5) * 0.45),
  y: height * 0.88,
  dx: (Math.random() - 0.5) * 0.8,
  dy: -1.2 - Math.random() * 2.2,
  heat: 1,
  cools: 0.006 + Math.random() * 0.01,
});

const step = (s) => {
  s.dx += (Math.random() - 0.5) * 0.14;
  s.x += s.dx;
  s.y += s.dy;
  s.heat -= s.cools;
};

export function hearth(canvas) {
  const pen = canvas.getContext("2d");
  let sparks = [];

  function frame() {
    pen.clearRect(0, 0, canvas.width, canvas.height);
    sparks.forEach(step);
    sparks = sparks.filter((s) => s.heat > 0);
    for (const s of sparks) {
      pen.fillStyle = `hsl(${12 + 32 * s.heat} 100% ${38 + 34 * s.heat}% / ${s.heat})`;
      pen.beginPath();
      pen.arc(s.x, s.y, 0.8 + 1.8 * s.heat, 0, 7);
      pen.fill();
    }
    if (sparks.length) requestAnimationFrame(frame);
  }

  return {
    blow(count) {
      if (calm.matches) return;
      const idle = sparks.length === 0;
      canvas.width = canvas.clientWidth;
      canvas.height = canvas.clientHeight;
      for (let i = 0; i < count; i++) sparks.push(spark(canvas.width, canvas.height));
      if (idle) requestAnimationFrame(frame);
    },
  };
}
