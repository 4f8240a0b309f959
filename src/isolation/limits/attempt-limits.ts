/** How often something may be tried. */
export interface AttemptLimit {
  readonly name: string;
  /** Whose attempts are counted together. An address is an IPv4 address, or the /64 of an IPv6 address. */
  readonly scope: 'e-mail at address' | 'e-mail' | 'address' | 'user' | 'session';
  readonly attempts: number;
  /** From the first attempt on, then it starts over: nobody is turned away for longer. */
  readonly seconds: number;
}

const quarterHour = 15 * 60;
const hour = 60 * 60;
const day = 24 * hour;

/** The registry: everything that is counted. Where a password is asked for, only wrong ones stay counted. */
export const attemptLimits = {
  loginHere: limit({ name: 'login-here', scope: 'e-mail at address', attempts: 10, seconds: quarterHour }),
  login: limit({ name: 'login', scope: 'e-mail', attempts: 30, seconds: quarterHour }),
  password: limit({ name: 'password', scope: 'user', attempts: 10, seconds: quarterHour }),
  refresh: limit({ name: 'refresh', scope: 'session', attempts: 60, seconds: 60 }),
} as const;

/** Behind one address there may be a whole company: how many is the environment's to say. */
export const addressLimits = (loginFailures: number, visitors: number) =>
  ({
    loginsFrom: limit({ name: 'logins-from', scope: 'address', attempts: loginFailures, seconds: quarterHour }),
    visitorsFrom: limit({ name: 'visitors-from', scope: 'address', attempts: visitors, seconds: hour }),
  }) as const;

/** For how long an address is known as one that a person logs in from. */
export const knownSeconds = 30 * day;

function limit(definition: AttemptLimit): AttemptLimit {
  return Object.freeze(definition);
}
