/** How much goes to somebody else, by how warm the ground is; grey where nothing does. */
export const HANDS_RAMP = [
  { from: 1, colour: '#F1C773' },
  { from: 3, colour: '#DE9A45' },
  { from: 10, colour: '#BC6529' },
] as const;
