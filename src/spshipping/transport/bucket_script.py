"""The bucket once more, as the one script that Redis runs: what `Bucket` does, number for number."""

from string import Template

from spshipping.transport.bucket import (
    CALM_SECONDS,
    CALM_TURNS,
    FUZZ,
    LEAST_SHARE,
    LEAST_STATED,
    MOST_RATE,
    SLACK_SECONDS,
    YIELD,
)

FORM = 1
"""The version of how a bucket is kept; one in another form counts as lost."""
LEAST_LIFE_SECONDS, MOST_LIFE_SECONDS = 86400, 10**9
"""A bucket that is not used expires after so long, or after twice the time that it needs to be full."""
_MOST_NUMBER = 2**53
"""No number of a bucket is greater: counts, times and eras."""

# Lua's numbers are Python's floats; as text they would lose digits, so all that goes in and out is packed
_TEXT = """\
local op = ARGV[1]
local now, plan, burst, known_era, known_step, known_left, new_era, alone, one, two, three =
  struct.unpack('<ddddddddddd', ARGV[2])
if now < 0 then -- the one place where time comes in: a test hands it in
  local time = redis.call('TIME')
  now = tonumber(time[1]) + tonumber(time[2]) / 1000000
end

if op == 'here' then
  local added = redis.pcall('ZADD', KEYS[1], now, ARGV[3])
  if type(added) == 'table' then
    if not string.find(added.err, 'WRONGTYPE', 1, true) then return added end
    redis.call('DEL', KEYS[1]) -- it holds something else
    redis.call('ZADD', KEYS[1], now, ARGV[3])
  end
  redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - one)
  redis.call('ZREMRANGEBYSCORE', KEYS[1], now + one, '+inf')
  redis.call('PEXPIRE', KEYS[1], one * 1000)
  return redis.call('ZCARD', KEYS[1])
end

local supplied, taken, at, rate, kept_plan, kept_burst, era, learned, drained, calm_since, unsure_since,
  unsure_most, step

local function stated()
  if learned ~= 0 then return learned end
  return kept_plan
end

local function credit(time)
  if time > at then
    supplied = supplied + (time - at) * rate
    at = time
  end
end

local function recover()
  local calm = math.max($CALM_SECONDS, $CALM_TURNS / stated())
  while rate < stated() and now - calm_since >= calm do
    calm_since = calm_since + calm
    credit(calm_since)
    rate = math.min(stated(), rate + stated() / 10)
  end
end

local function advance()
  if rate < stated() then recover() end
  credit(now)
  if supplied >= taken + kept_burst then
    supplied = taken + kept_burst
    if unsure_since >= 0 then unsure_since, unsure_most = at, $MOST_RATE end
  end
end

local function wait_for(number)
  local missing = number - supplied
  if missing <= $FUZZ then return 0 end
  return math.max(0, at - now + missing / rate)
end

local function restate(new_plan, new_learned)
  local is_lowered = rate < stated()
  kept_plan, learned = new_plan, new_learned
  rate = is_lowered and math.min(rate, stated()) or stated()
end

local function adopt()
  if plan == kept_plan and burst == kept_burst then return end
  advance()
  restate(plan, learned)
  kept_burst = burst
  if unsure_since >= 0 then unsure_since, unsure_most = at, $MOST_RATE end
  advance()
end

local ops = {}

function ops.reserve()
  advance()
  local number = taken + 1
  local wait = wait_for(number)
  if wait > one then return wait, 0, 0, 0 end
  local missing = taken + kept_burst - supplied
  if missing <= 0 then at = now + $SLACK_SECONDS end
  if unsure_since >= 0 then
    if missing <= 0 then
      unsure_since = at
    elseif now > unsure_since then
      unsure_most = math.min(unsure_most, rate + missing / (now - unsure_since))
    end
  end
  taken = number
  return wait, number, supplied - number, wait > 0 and 1 or 0
end

function ops.remaining() -- one: number; two: era. A reservation of another era waits by its own clock
  advance()
  if two ~= era then return 0, 1, 0, 0 end
  return wait_for(one), 0, 0, 0
end

function ops.give_back() -- one: number; two: era
  if one == taken and two == era then
    taken = taken - 1
    drained = math.min(drained, taken)
  end
  return 0, 0, 0, 0
end

function ops.drain() -- one: number; two: era; three: whether it waited for the rate
  advance()
  if two == era then
    if one <= drained then return 0, 0, 0, 0 end
    if three == 1 then rate = math.max(rate * $YIELD, stated() * $LEAST_SHARE) end
  end
  local gone = math.min(math.floor(supplied + $FUZZ), taken)
  supplied, drained = gone, gone
  at, calm_since = now, now
  unsure_since = -1
  return 0, 0, 0, 0
end

function ops.learn() -- one: the rate
  if not (one > kept_plan * $LEAST_STATED and one <= $MOST_RATE) or one == learned then return 0, 0, 0, 0 end
  advance()
  if unsure_since >= 0 then
    local lasted = math.max(0, at - unsure_since)
    local correction = lasted * (math.min(one, math.max(rate, unsure_most)) - rate)
    supplied = supplied + math.max(-kept_burst, correction)
    unsure_since = -1
  end
  restate(kept_plan, one)
  return 0, 0, 0, 0
end

function ops.state()
  advance()
  return rate, kept_burst, supplied - taken, wait_for(taken + 1)
end

-- what was lost, or came back older than somebody knew it, is empty: the tokens were used
local function begin(left, with_rate, with_learned)
  supplied, taken, at, rate = left, 0, now, with_rate
  kept_plan, kept_burst, era, learned = plan, burst, new_era, with_learned
  drained, calm_since, unsure_since, unsure_most, step = 0, 0, now, $MOST_RATE, 0
  if learned ~= 0 then calm_since, unsure_since = now, -1 end
end

local function is_bucket(kept)
  if not (type(kept) == 'string' and #kept == 105 and string.byte(kept) == $FORM) then return false end
  for position = 2, #kept, 8 do
    local number = struct.unpack('<d', kept, position)
    if not (math.abs(number) <= $MOST_NUMBER) then return false end -- NaN, or infinite
  end
  local its_rate, its_plan, its_burst = struct.unpack('<ddd', kept, 26)
  return its_rate > 0 and its_plan > 0 and its_burst >= 1
end

local kept = redis.pcall('GET', KEYS[1])
if type(kept) == 'table' and not string.find(kept.err, 'WRONGTYPE', 1, true) then return kept end
local is_damaged = kept and not is_bucket(kept) and 1 or 0
if kept and is_damaged == 0 then
  local _
  _, supplied, taken, at, rate, kept_plan, kept_burst, era, learned, drained, calm_since, unsure_since,
    unsure_most, step = struct.unpack('<Bddddddddddddd', kept)
  if at > now + 1 then -- the clock was set back, or is another server's
    at, calm_since, unsure_since = now, math.min(calm_since, now), -1
  end
  adopt()
  if era == known_era and step < known_step then begin(math.min(0, known_left), rate, learned) end
else
  local left = burst
  if known_era ~= 0 then left = math.min(0, known_left) end
  begin(left, plan, 0)
end

if alone >= 0 then -- the caller worked alone, and the others did: what came in meanwhile was used
  advance()
  supplied = math.min(supplied, taken)
  taken = taken + alone
end

local first, second, third, fourth = ops[op]()
step = step + 1
local life = math.max($LEAST_LIFE_SECONDS, 2 * (taken + kept_burst - supplied) / rate)
life = math.min(life, $MOST_LIFE_SECONDS)
redis.call('SET', KEYS[1], struct.pack('<Bddddddddddddd', $FORM, supplied, taken, at, rate, kept_plan,
  kept_burst, era, learned, drained, calm_since, unsure_since, unsure_most, step),
  'PX', string.format('%.0f', life * 1000))
return struct.pack('<dddddddddd', first, second, third, fourth, era, step, supplied - taken, rate, learned,
  is_damaged)
"""

TEXT: str = Template(_TEXT).substitute(
    CALM_SECONDS=CALM_SECONDS,
    CALM_TURNS=CALM_TURNS,
    FUZZ=FUZZ,
    FORM=FORM,
    LEAST_LIFE_SECONDS=LEAST_LIFE_SECONDS,
    LEAST_SHARE=LEAST_SHARE,
    LEAST_STATED=LEAST_STATED,
    MOST_LIFE_SECONDS=MOST_LIFE_SECONDS,
    MOST_NUMBER=_MOST_NUMBER,
    MOST_RATE=MOST_RATE,
    SLACK_SECONDS=SLACK_SECONDS,
    YIELD=YIELD,
)
