/** `std/math`: statistics, vectors, distributions, clustering. */
export const mathModule = `
fn numeric(value) {
  let kind = type_of(value)
  return kind == "int" || kind == "float"
}

fn need_number(value, label) {
  require numeric(value), "\${label} must be numeric"
}

fn need_numbers(items, label) {
  require type_of(items) == "list", "\${label} must be a list"
  require items.all({ item -> numeric(item) }), "\${label} must contain only numbers"
}

fn need_some_numbers(items, label) {
  need_numbers(items, label)
  require len(items) > 0, "\${label} must not be empty"
}

fn need_positive(value, label) {
  need_number(value, label)
  require value > 0, "\${label} must be greater than 0"
}

fn need_whole(value, label) {
  need_number(value, label)
  require floor(value) == value, "\${label} must be an integer"
}

fn need_whole_from_one(value, label) {
  need_whole(value, label)
  require value > 0, "\${label} must be at least 1"
}

fn need_whole_from_zero(value, label) {
  need_whole(value, label)
  require value >= 0, "\${label} must be non-negative"
}

fn need_between_zero_and_one(value, label) {
  need_number(value, label)
  require value > 0 && value < 1, "\${label} must be between 0 and 1"
}

fn need_weights(weights) {
  need_some_numbers(weights, "weights")
  require weights.all({ weight -> weight >= 0 }), "weights must contain only non-negative numbers"
}

fn need_same_dimension(a, b) {
  need_numbers(a, "a")
  need_numbers(b, "b")
  require len(a) == len(b), "vectors must have the same length"
}

fn need_parallel(xs, ys) {
  need_some_numbers(xs, "xs")
  need_some_numbers(ys, "ys")
  require len(xs) == len(ys), "xs and ys must have the same length"
}

fn squared_distance(a, b) {
  need_same_dimension(a, b)
  var total = 0.0
  for i in 0 to len(a) exclusive {
    let delta = a[i] - b[i]
    total = total + delta * delta
  }
  return total
}

/** The value, moved into lo…hi. */
pub fn clamp(value, lo, hi) {
  if value < lo {
    return lo
  }
  if value > hi {
    return hi
  }
  return value
}

/** From a (t = 0) to b (t = 1). */
pub fn lerp(a, b, t) {
  return a + (b - a) * t
}

/** A value of one range, at the same place of another. */
pub fn map_range(value, in_lo, in_hi, out_lo, out_hi) {
  return lerp(out_lo, out_hi, (value - in_lo) * 1.0 / (in_hi - in_lo))
}

/** Degrees as radians. */
pub fn deg_to_rad(degrees) {
  return degrees * pi / 180
}

/** Radians as degrees. */
pub fn rad_to_deg(radians) {
  return radians * 180 / pi
}

/** The sum of a list of numbers. */
pub fn sum(items) {
  need_numbers(items, "items")
  return items.sum()
}

/** The mean; 0 of an empty list. */
pub fn avg(items) {
  need_numbers(items, "items")
  if len(items) == 0 {
    return 0
  }
  return items.sum() / (len(items) * 1.0)
}

/** The same as \`avg\`. */
pub fn mean(items) {
  return avg(items)
}

/** The middle value, or the mean of the two in the middle. */
pub fn median(items) {
  need_some_numbers(items, "items")
  let sorted = items.sort()
  let middle = len(sorted) / 2
  if len(sorted) % 2 == 1 {
    return sorted[middle]
  }
  return (sorted[middle - 1] + sorted[middle]) / 2.0
}

/** The value below which p per cent lie, interpolated (R-7). */
pub fn percentile(items, p) {
  need_some_numbers(items, "items")
  need_number(p, "percentile")
  require p >= 0 && p <= 100, "percentile must be between 0 and 100"
  let sorted = items.sort()
  let place = (len(sorted) - 1) * (p / 100.0)
  let below = floor(place)
  let above = ceil(place)
  if below == above {
    return sorted[below]
  }
  return sorted[below] + (place - below) * (sorted[above] - sorted[below])
}

fn scores_of(items, score_fn) {
  require type_of(items) == "list", "items must be a list"
  if score_fn == nil {
    return items
  }
  return items.map(score_fn)
}

/** The positions of the items in ascending order of their scores. */
pub fn argsort(items, score_fn = nil) {
  let scores = scores_of(items, score_fn)
  return range(len(items)).to_list().sort_by({ i -> scores[i] })
}

/** The k items with the highest scores, the highest first. */
pub fn top_k(items, k, score_fn = nil) {
  let scores = scores_of(items, score_fn)
  need_whole_from_zero(k, "k")
  // Backwards, sorted, and backwards again: of equal scores the first stays first.
  let order = range(len(items)).to_list().reverse().sort_by({ i -> scores[i] }).reverse()
  return order.take(floor(k)).map({ i -> items[i] })
}

/** Of the population, or of a sample. */
pub fn variance(items, sample = false) {
  need_some_numbers(items, "items")
  if sample {
    require len(items) >= 2, "sample variance requires at least 2 values"
  }
  let middle = mean(items)
  var total = 0.0
  for x in items {
    total = total + (x - middle) * (x - middle)
  }
  return total / if sample { len(items) - 1 } else { len(items) }
}

/** The standard deviation: of all, or of a sample. */
pub fn stddev(items, sample = false) {
  return sqrt(variance(items, sample))
}

/** The values moved into 0…1. */
pub fn minmax_scale(items) {
  need_some_numbers(items, "items")
  let lo = items.min()
  let span = (items.max() - lo) * 1.0
  if span == 0 {
    return items.map({ _x -> 0.0 })
  }
  return items.map({ x -> (x - lo) / span })
}

/** How many standard deviations each value lies from the mean. */
pub fn zscore(items, sample = false) {
  need_some_numbers(items, "items")
  let middle = mean(items)
  let sigma = stddev(items, sample)
  if sigma == 0 {
    return items.map({ _x -> 0.0 })
  }
  return items.map({ x -> (x - middle) / sigma })
}

/** The mean where each number counts as much as its weight. Weights sum to more than zero. */
pub fn weighted_mean(items, weights) {
  need_some_numbers(items, "items")
  need_weights(weights)
  require len(items) == len(weights), "items and weights must have the same length"
  let whole = weights.sum()
  require whole > 0, "weights must sum to a positive value"
  var total = 0.0
  for i in 0 to len(items) exclusive {
    total = total + items[i] * weights[i]
  }
  return total / whole
}

/** An item drawn by weight; without weights each is as likely. */
pub fn weighted_choice(items, weights = nil) {
  require type_of(items) == "list", "items must be a list"
  require len(items) > 0, "items must not be empty"
  let chances = if weights == nil { items.map({ _item -> 1.0 }) } else { weights }
  need_weights(chances)
  require len(items) == len(chances), "items and weights must have the same length"
  let whole = chances.sum()
  require whole > 0, "weights must sum to a positive value"
  let drawn = random() * whole
  var passed = 0.0
  for i in 0 to len(items) exclusive {
    passed = passed + chances[i]
    if drawn < passed {
      return items[i]
    }
  }
  return items.last()
}

/** Scores as probabilities. */
pub fn softmax(items, temperature = 1.0) {
  need_some_numbers(items, "items")
  need_positive(temperature, "temperature")
  let top = items.max()
  let parts = items.map({ x -> exp((x - top) / (temperature * 1.0)) })
  let whole = parts.sum()
  return parts.map({ part -> part / whole })
}

/** Density of the normal distribution. */
pub fn normal_pdf(x, mu = 0, sigma = 1) {
  need_number(x, "x")
  need_number(mu, "mean")
  need_positive(sigma, "stddev")
  let z = (x - mu) / (sigma * 1.0)
  return exp(-0.5 * z * z) / (sigma * sqrt(2 * pi))
}

/** How likely the normal distribution stays below x (Abramowitz and Stegun 7.1.26). */
pub fn normal_cdf(x, mu = 0, sigma = 1) {
  need_number(x, "x")
  need_number(mu, "mean")
  need_positive(sigma, "stddev")
  let z = (x - mu) / (sigma * sqrt(2))
  let away = abs(z)
  let t = 1 / (1 + 0.3275911 * away)
  let series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
  let erf = 1 - series * exp(-(away * away))
  return 0.5 * (1 + if z < 0 { -erf } else { erf })
}

fn polynomial(coefficients, x) {
  return coefficients.reduce(0.0, { sum, c -> sum * x + c })
}

/** The x below which the normal distribution stays with this probability (Acklam). */
pub fn normal_quantile(prob, mu = 0, sigma = 1) {
  need_between_zero_and_one(prob, "probability")
  need_number(mu, "mean")
  need_positive(sigma, "stddev")
  let middle_top = [-39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716, 2.506628277459239]
  let middle_bottom = [-54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572, 1.0]
  let tail_top = [-0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968, 2.938163982698783]
  let tail_bottom = [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416, 1.0]
  let tail = 0.02425
  if prob >= tail && prob <= 1 - tail {
    let q = prob - 0.5
    return mu + sigma * q * polynomial(middle_top, q * q) / polynomial(middle_bottom, q * q)
  }
  let q = sqrt(-2 * ln(if prob < tail { prob } else { 1 - prob }))
  let x = polynomial(tail_top, q) / polynomial(tail_bottom, q)
  return mu + sigma * if prob < tail { x } else { -x }
}

/** The dot product of two vectors of one length. */
pub fn dot(a, b) {
  need_same_dimension(a, b)
  var total = 0.0
  for i in 0 to len(a) exclusive {
    total = total + a[i] * b[i]
  }
  return total
}

/** The length of a vector. */
pub fn vector_norm(v) {
  need_numbers(v, "vector")
  return sqrt(dot(v, v))
}

/** The vector of length 1 in the same direction. */
pub fn vector_normalize(v) {
  let norm = vector_norm(v)
  require norm > 0, "cannot normalize a zero vector"
  return v.map({ x -> x / norm })
}

/** From -1 to 1: how much two vectors point the same way. Neither may be all zeros. */
pub fn cosine_similarity(a, b) {
  let lengths = vector_norm(a) * vector_norm(b)
  require lengths > 0, "cosine similarity requires non-zero vectors"
  return dot(a, b) / lengths
}

/** The straight distance of two points. */
pub fn euclidean_distance(a, b) {
  return sqrt(squared_distance(a, b))
}

/** The sum of the differences along each axis. */
pub fn manhattan_distance(a, b) {
  need_same_dimension(a, b)
  var total = 0.0
  for i in 0 to len(a) exclusive {
    total = total + abs(a[i] - b[i])
  }
  return total
}

/** The largest difference along any axis. */
pub fn chebyshev_distance(a, b) {
  need_same_dimension(a, b)
  var most = 0.0
  for i in 0 to len(a) exclusive {
    most = max(most, abs(a[i] - b[i]))
  }
  return most
}

/** Of the population, or of a sample. */
pub fn covariance(xs, ys, sample = false) {
  need_parallel(xs, ys)
  if sample {
    require len(xs) >= 2, "sample covariance requires at least 2 values"
  }
  let mean_x = mean(xs)
  let mean_y = mean(ys)
  var total = 0.0
  for i in 0 to len(xs) exclusive {
    total = total + (xs[i] - mean_x) * (ys[i] - mean_y)
  }
  return total / if sample { len(xs) - 1 } else { len(xs) }
}

/** Pearson's r. */
pub fn correlation(xs, ys, sample = false) {
  need_parallel(xs, ys)
  if sample {
    require len(xs) >= 2, "sample correlation requires at least 2 values"
  }
  let sigmas = stddev(xs, sample) * stddev(ys, sample)
  require sigmas > 0, "correlation requires non-constant inputs"
  return covariance(xs, ys, sample) / sigmas
}

/** The means of all runs of neighbours of this length. */
pub fn moving_avg(items, window) {
  need_some_numbers(items, "items")
  need_whole_from_one(window, "window")
  require window <= len(items), "window must not exceed the number of items"
  return items.window(floor(window)).map({ part -> mean(part) })
}

/** Exponential average: one value for each item. */
pub fn ema(items, alpha) {
  need_some_numbers(items, "items")
  need_between_zero_and_one(alpha, "alpha")
  var last = items[0] * 1.0
  var out = [last]
  for x in items.skip(1) {
    last = alpha * x + (1 - alpha) * last
    out = out.push(last)
  }
  return out
}

fn nearest(point, centroids) {
  var best = {index: 0, distance: squared_distance(point, centroids[0])}
  for i in 1 to len(centroids) exclusive {
    let distance = squared_distance(point, centroids[i])
    if distance < best.distance {
      best = {index: i, distance: distance}
    }
  }
  return best
}

/** Position of the largest number, the first of equal ones. */
fn largest_at(numbers) {
  var best = 0
  for i in 1 to len(numbers) exclusive {
    if numbers[i] > numbers[best] {
      best = i
    }
  }
  return best
}

fn assign_points(points, centroids) {
  var assignments = []
  var errors = []
  for point in points {
    let found = nearest(point, centroids)
    assignments = assignments.push(found.index)
    errors = errors.push(found.distance)
  }
  return {assignments: assignments, errors: errors}
}

/** The means of the clusters; an empty one begins anew at the worst point. */
fn cluster_means(points, assigned, k) {
  var counts = range(k).to_list().map({ _i -> 0 })
  var sums = range(k).to_list().map({ _i -> points[0].map({ _x -> 0.0 }) })
  for i in 0 to len(points) exclusive {
    let cluster = assigned.assignments[i]
    counts[cluster] = counts[cluster] + 1
    for d in 0 to len(points[i]) exclusive {
      sums[cluster][d] = sums[cluster][d] + points[i][d]
    }
  }
  var means = []
  for c in 0 to k exclusive {
    let count = counts[c]
    if count == 0 {
      means = means.push(points[largest_at(assigned.errors)])
    } else {
      means = means.push(sums[c].map({ x -> x / count }))
    }
  }
  return {centroids: means, counts: counts}
}

/** Clusters points, starting with those that lie farthest apart: {centroids, assignments, counts, iterations, converged, inertia}. */
pub fn kmeans(points, k, options = nil) {
  require type_of(points) == "list", "points must be a list"
  require len(points) > 0, "points must not be empty"
  for point in points {
    need_numbers(point, "point")
    require len(point) == len(points[0]), "all points must have the same dimension"
  }
  require len(points[0]) > 0, "points must have at least one dimension"
  need_whole_from_zero(k, "k")
  require k >= 1, "k must be at least 1"
  require k <= len(points), "k must not exceed the number of points"
  let most = options?.max_iterations ?? 100
  need_whole_from_one(most, "max_iterations")

  var centroids = [points[0]]
  while len(centroids) < k {
    centroids = centroids.push(points[largest_at(assign_points(points, centroids).errors)])
  }
  var assigned = {assignments: [], errors: []}
  var counts = []
  var iterations = 0
  var converged = false
  while iterations < most && !converged {
    let next = assign_points(points, centroids)
    let means = cluster_means(points, next, k)
    centroids = means.centroids
    counts = means.counts
    iterations = iterations + 1
    converged = next.assignments == assigned.assignments
    assigned = next
  }
  if !converged {
    assigned = assign_points(points, centroids)
    counts = cluster_means(points, assigned, k).counts
  }
  return {
    centroids: centroids,
    assignments: assigned.assignments,
    counts: counts,
    iterations: iterations,
    converged: converged,
    inertia: assigned.errors.sum() * 1.0
  }
}
`;
