/** The members `Keys` of `Source` with another type. Being mapped, they keep their docs and whether they may be left out. */
export type Retyped<Source, Keys extends keyof Source, Type> = { [Key in Keys]: Type }
