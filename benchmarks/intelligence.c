/*
 * The intelligence mechanism by hand: the limit that the compiled model is measured against.
 *
 * The formulas are those of src/fourfronts/model/intelligence.py, in float32, month after month on usable compute that is
 * given. Draws are the last axis and run in blocks that stay in a core's first cache; every inner loop is one that the
 * compiler turns into vector instructions. What does not change from month to month is computed once a block.
 *
 * `names.h` is written by `fourfronts bench`: the row of each parameter (P_...), of each part of the state (S_...) and of
 * each lever (L_...), in the order of the Python records, where one with a value for each bloc takes three rows. `bench`
 * compares the results with the model's before it measures anything, so this file cannot fall behind in silence.
 */
#include <math.h>

#include "names.h"

#define BLOCK 128
#define BLOCS 3
#define DRAWS for (long i = 0; i < n; i++)

static const float LN2 = 0.6931471805599453f, LN10 = 2.302585092994046f;
static const float FLOP_PER_H100E_YEAR = 1979e12 / 2 * 365.25 * 86400;
static const float CONTROLLED[BLOCS] = {0, 1, 0}, CONTROLLING[BLOCS] = {1, 0, 0};
static const int OTHERS[BLOCS][2] = {{1, 2}, {0, 2}, {0, 1}};

typedef float row[BLOCK];
typedef row by_bloc[BLOCS];

/* What remains the same in every month. */
struct constants {
    by_bloc run_share, labour;
    row doublings, effort, per_bend, slowing, per_slowing, speed;
};

struct state {
    by_bloc capability, released, software, largest_run;
};

/* What the three blocs share in one month. */
struct month {
    float time, since_start, years;
    const float *levers;
    row run_growth, labour_growth, paradigm, passed, exchanges_growth;
};

/* One row of an array whose rows are `stride` apart. */
#define P(name, bloc) (parameters + (P_##name + (bloc)) * stride)
#define S(name, bloc) (start + (S_##name + (bloc)) * stride)

static void prepare(struct constants *c, struct state *s, const float *parameters, const float *start, long stride, long n)
{
    for (int k = 0; k < BLOCS; k++)
        DRAWS {
            s->capability[k][i] = S(capability, k)[i];
            s->released[k][i] = S(released, k)[i];
            s->software[k][i] = S(software, k)[i];
            s->largest_run[k][i] = S(largest_run, k)[i];
            c->run_share[k][i] = P(concentration, k)[i] * P(research_share, 0)[i] * P(final_run_share, 0)[i] *
                                 P(utilisation, 0)[i] * FLOP_PER_H100E_YEAR;
            c->labour[k][i] = P(research_labour, k)[i];
        }
    DRAWS {
        c->doublings[i] = LN2 / P(ai_uplift_doubling, 0)[i];
        c->effort[i] = 1 / S(effort_start, 0)[i];
        c->per_bend[i] = 1 / P(labour_substitution, 0)[i];
        c->slowing[i] = P(research_parallelism, 0)[i] * LN10 * S(hardening, 0)[i];
        c->per_slowing[i] = 1 / c->slowing[i];
        c->speed[i] = P(software_gain_start, 0)[i] / P(eci_per_oom, 0)[i];
    }
}

static void begin(struct month *m, const float *parameters, long stride, long n)
{
    const float detection = m->levers[L_distillation_detection], sharing = m->levers[L_threat_sharing];
    const float deterrence = m->levers[L_legal_deterrence], end = m->time + m->years / 2;
    DRAWS {
        m->run_growth[i] = P(run_share_growth, 0)[i] * fminf(end - P(run_share_end, 0)[i], 0) / LN10;
        m->labour_growth[i] = P(labour_growth, 0)[i] * m->since_start;
        m->paradigm[i] = m->time < P(reasoning_time, 0)[i] ? 1 : P(reasoning_gain, 0)[i];
        m->passed[i] = (1 - P(detection_effect, 0)[i] * detection) * (1 - P(sharing_effect, 0)[i] * sharing) *
                       (1 - P(deterrence_effect, 0)[i] * deterrence);
        m->exchanges_growth[i] = expf(P(exchanges_growth, 0)[i] * (m->time - P(exchanges_time, 0)[i]));
    }
}

/* Own growth of one bloc, software in factors of ten and the largest run so far. */
static void research(const struct constants *c, const struct month *m, const struct state *s, int k, const float *usable,
                     float *restrict own, float *restrict run, const float *parameters, const float *start, long stride, long n)
{
    DRAWS {
        const float compute = fmaxf(usable[i], 1), bend = P(labour_substitution, 0)[i];
        const float weight = P(labour_weight, 0)[i];
        run[i] = fmaxf(s->largest_run[k][i], log10f(compute * c->run_share[k][i]) + m->run_growth[i]);
        const float doublings = (s->capability[k][i] - S(uplift_capability, 0)[i]) * c->doublings[i];
        const float multiplier = 1 + P(ai_uplift_reference, 0)[i] * expf(fminf(doublings, 60 * LN2));
        const float labour = logf(c->labour[k][i] * multiplier) + m->labour_growth[i];
        const float experiments = logf(compute * c->effort[i]);
        const float mix = weight * expf(bend * labour) + (1 - weight) * expf(bend * experiments);
        const float effort = P(research_parallelism, 0)[i] * logf(mix) * c->per_bend[i];
        const float speed = expf(fminf(effort - c->slowing[i] * s->software[k][i], 60));
        own[i] = log1pf(c->slowing[i] * c->speed[i] * m->paradigm[i] * speed * m->years) * c->per_slowing[i];
    }
}

/* Delay from internal to general use, years, and the share of what is held back that still is at the month's end. */
static void hold_back(const struct month *m, int k, float *restrict delay, float *restrict waiting, const float *parameters,
                      long stride, long n)
{
    const float gating = CONTROLLING[k] * m->levers[L_release_gating];
    DRAWS {
        delay[i] = (P(release_delay, k)[i] + gating) / 12;
        waiting[i] = 1 + expm1f(-m->years / delay[i]);
    }
}

/* Released capability at the end of a month in which the internal one grows evenly from `before` to `now`. */
static inline float general(float before, float now, float shown, float delay, float waiting, float years)
{
    const float lag = (now - before) / years * delay;
    return fmaxf(shown, now - lag + (shown - before + lag) * waiting);
}

/* Capability in the middle of the month, internal and released, from what a bloc does itself. */
static void half_way(const struct month *m, const struct state *s, int k, const float *own, const float *run,
                     const float *delay, const float *waiting, float *restrict middle, float *restrict deployed,
                     const float *parameters, long stride, long n)
{
    DRAWS {
        const float before = s->capability[k][i], shown = s->released[k][i];
        const float gain = P(eci_per_oom, 0)[i] * (run[i] - s->largest_run[k][i] + own[i]);
        middle[i] = before + 0.5f * gain;
        deployed[i] = 0.5f * (shown + general(before, before + gain, shown, delay[i], waiting[i], m->years));
    }
}

/* What one bloc copies in a month, ECI. */
static void catch_up(const struct month *m, const struct state *s, const row *middle, const row *shown_middle, int k,
                     float *restrict copied, const float *parameters, long stride, long n)
{
    const int a = OTHERS[k][0], b = OTHERS[k][1];
    const float evasion = 1 + CONTROLLED[k] * (m->levers[L_prc_evasion_effort] - 1);
    DRAWS {
        const float tokens = P(exchanges_anchor, k)[i] * m->exchanges_growth[i] * evasion * P(tokens_per_exchange, 0)[i] *
                             (1 - CONTROLLED[k] * (1 - m->passed[i]));
        const float teacher_run = fmaxf(s->largest_run[a][i], s->largest_run[b][i]);
        const float student = expf(LN10 * (s->largest_run[k][i] - teacher_run));
        const float distil = P(distillation_rate, 0)[i] * tokens / (tokens + P(tokens_half, 0)[i]) * student /
                             (student + P(student_compute_share, 0)[i]);
        const float deployed = fmaxf(fmaxf(shown_middle[a][i], shown_middle[b][i]) - middle[k][i], 0);
        const float internal = fmaxf(fmaxf(middle[a][i], middle[b][i]) - middle[k][i], 0);
        const float studied = P(open_rate, 0)[i] + distil;
        const float shown = deployed * -expm1f(-studied * m->years);
        copied[i] = shown + fmaxf(internal - shown, 0) * -expm1f(-P(theft_rate, 0)[i] * m->years);
    }
}

/* The state of one bloc at the end of the month, written where `after` and the outputs say. */
static void advance(const struct month *m, const struct state *s, struct state *after, int k, const float *own,
                    const float *run, const float *copied, const float *delay, const float *waiting,
                    float *restrict capability, float *restrict released, const float *parameters, long stride, long n)
{
    DRAWS {
        const float per_oom = P(eci_per_oom, 0)[i], before = s->capability[k][i], shown = s->released[k][i];
        const float now = before + per_oom * (run[i] - s->largest_run[k][i] + own[i]) + copied[i];
        after->capability[k][i] = capability[i] = now;
        after->released[k][i] = released[i] = general(before, now, shown, delay[i], waiting[i], m->years);
        after->software[k][i] = s->software[k][i] + own[i] + copied[i] / per_oom;
        after->largest_run[k][i] = run[i];
    }
}

/*
 * Shapes: parameters (rows, draws), start (rows, draws), levers (months, levers), time, since_start and years (months,),
 * usable, capability and released (months, bloc, draws).
 */
void intelligence(long draws, long months, const float *parameters, const float *start, const float *levers,
                  const float *time, const float *since_start, const float *years, const float *usable, float *capability,
                  float *released)
{
    const long stride = draws;
    for (long first = 0; first < draws; first += BLOCK) {
        const long n = draws - first < BLOCK ? draws - first : BLOCK;
        struct constants c;
        struct state states[2];
        row own[BLOCS], run[BLOCS], delay[BLOCS], waiting[BLOCS], middle[BLOCS], deployed[BLOCS], copied;
        prepare(&c, &states[0], parameters + first, start + first, stride, n);
        for (long t = 0; t < months; t++) {
            const struct state *s = &states[t & 1];
            struct month m = {.time = time[t], .since_start = since_start[t], .years = years[t], .levers = levers + t * LEVERS};
            begin(&m, parameters + first, stride, n);
            for (int k = 0; k < BLOCS; k++) {
                research(&c, &m, s, k, usable + (t * BLOCS + k) * stride + first, own[k], run[k], parameters + first,
                         start + first, stride, n);
                hold_back(&m, k, delay[k], waiting[k], parameters + first, stride, n);
                half_way(&m, s, k, own[k], run[k], delay[k], waiting[k], middle[k], deployed[k], parameters + first, stride, n);
            }
            for (int k = 0; k < BLOCS; k++) {
                const long at = (t * BLOCS + k) * stride + first;
                catch_up(&m, s, middle, deployed, k, copied, parameters + first, stride, n);
                advance(&m, s, &states[~t & 1], k, own[k], run[k], copied, delay[k], waiting[k], capability + at,
                        released + at, parameters + first, stride, n);
            }
        }
    }
}
