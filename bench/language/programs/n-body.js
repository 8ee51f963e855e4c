class Body {
  constructor(x, y, z, vx, vy, vz, mass) {
    this.x = x;
    this.y = y;
    this.z = z;
    this.vx = vx;
    this.vy = vy;
    this.vz = vz;
    this.mass = mass;
  }
}

function planets() {
  const mass = 4 * Math.PI * Math.PI;
  const year = 365.24;
  return [
    new Body(0, 0, 0, 0, 0, 0, mass),
    new Body(
      4.8414314424647,
      -1.1603200440274,
      -0.10362204447112,
      0.001660076642744 * year,
      0.0076990111841974 * year,
      -0.0000690460016972063 * year,
      0.00095479193842433 * mass,
    ),
    new Body(
      8.3433667182446,
      4.1247985641243,
      -0.40352341711432,
      -0.0027674251072641 * year,
      0.0049985280123492 * year,
      0.00002304172975737639 * year,
      0.00028588598066613 * mass,
    ),
    new Body(
      12.894369562139,
      -15.111151401699,
      -0.22330757889266,
      0.0029646013756476 * year,
      0.0023784717395948 * year,
      -0.00002965895685402376 * year,
      0.00004366244043351563 * mass,
    ),
  ];
}

function still(bodies) {
  let px = 0;
  let py = 0;
  let pz = 0;
  for (const b of bodies) {
    px += b.vx * b.mass;
    py += b.vy * b.mass;
    pz += b.vz * b.mass;
  }
  const sun = bodies[0];
  sun.vx = -px / sun.mass;
  sun.vy = -py / sun.mass;
  sun.vz = -pz / sun.mass;
}

function advance(bodies, dt) {
  for (let i = 0; i < bodies.length; i++) {
    const a = bodies[i];
    for (let j = i + 1; j < bodies.length; j++) {
      const b = bodies[j];
      const dx = a.x - b.x;
      const dy = a.y - b.y;
      const dz = a.z - b.z;
      const square = dx * dx + dy * dy + dz * dz;
      const force = dt / (square * Math.sqrt(square));
      const mine = a.mass * force;
      const other = b.mass * force;
      a.vx -= dx * other;
      a.vy -= dy * other;
      a.vz -= dz * other;
      b.vx += dx * mine;
      b.vy += dy * mine;
      b.vz += dz * mine;
    }
  }
  for (const b of bodies) {
    b.x += dt * b.vx;
    b.y += dt * b.vy;
    b.z += dt * b.vz;
  }
}

function energy(bodies) {
  let sum = 0;
  for (let i = 0; i < bodies.length; i++) {
    const b = bodies[i];
    sum += 0.5 * b.mass * (b.vx * b.vx + b.vy * b.vy + b.vz * b.vz);
    for (let j = i + 1; j < bodies.length; j++) {
      const c = bodies[j];
      const dx = b.x - c.x;
      const dy = b.y - c.y;
      const dz = b.z - c.z;
      sum -= (b.mass * c.mass) / Math.sqrt(dx * dx + dy * dy + dz * dz);
    }
  }
  return sum;
}

export function run(steps = 50000) {
  const bodies = planets();
  still(bodies);
  for (let i = 0; i < steps; i++) advance(bodies, 0.01);
  return Math.round(energy(bodies) * 1000000000);
}
