/* The inner loops of `lanes.py` and `play.py`, compiled where there is a compiler; see there for what they compute.

   The bits must be those of the Python twins on every processor: no contraction into fused multiply-adds, no
   reordering (see the flags in pyproject.toml), and every lane on its own. The loops over lanes are the ones that
   a compiler turns into vector instructions; loads and stores at computed places stand in loops of their own. */

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BATCH 64 /* lanes that are worked on together */

#ifdef __GNUC__
#define INLINE static inline __attribute__((always_inline))
#else
#define INLINE static inline
#endif

/* One copy for each generation of vector instructions, chosen when the library is loaded. */
#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__) && __GNUC__ >= 12
#define CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CLONES
#endif

#ifdef _WIN32
#define PUBLIC __declspec(dllexport)
PUBLIC void *PyInit__lanes(void) { return 0; } /* setuptools names it to the linker */
#else
#define PUBLIC __attribute__((visibility("default")))
#endif

PUBLIC int32_t herd_version(void) { return 2; }

INLINE double exponential(double x) {
    x = x < -700.0 ? -700.0 : x;
    x = x > 700.0 ? 700.0 : x;
    const double magic = 6755399441055744.0; /* 1.5 * 2^52 */
    double shifted = x * 1.4426950408889634 + magic;
    double n = shifted - magic;
    double r = (x - n * 0x1.62e42fefa0000p-1) - n * 0x1.cf79abc9e3b3ap-40;
    double total = 1.0 / 6227020800.0;
    total = total * r + 1.0 / 479001600.0;
    total = total * r + 1.0 / 39916800.0;
    total = total * r + 1.0 / 3628800.0;
    total = total * r + 1.0 / 362880.0;
    total = total * r + 1.0 / 40320.0;
    total = total * r + 1.0 / 5040.0;
    total = total * r + 1.0 / 720.0;
    total = total * r + 1.0 / 120.0;
    total = total * r + 1.0 / 24.0;
    total = total * r + 1.0 / 6.0;
    total = total * r + 1.0 / 2.0;
    total = total * r + 1.0;
    total = total * r + 1.0;
    uint64_t power, bits;
    memcpy(&power, &shifted, 8);
    memcpy(&bits, &total, 8);
    bits += power << 52;
    memcpy(&total, &bits, 8);
    return total;
}

INLINE uint64_t mix(uint64_t word) {
    word = (word ^ (word >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    word = (word ^ (word >> 27)) * UINT64_C(0x94D049BB133111EB);
    return word ^ (word >> 31);
}

/* items [steps][lanes] */
PUBLIC CLONES void herd_shuffle(int64_t lanes, uint32_t *items, const int32_t *lengths, const uint64_t *states) {
    for (int64_t from = 0; from < lanes; from += BATCH) {
        int width = lanes - from < BATCH ? (int)(lanes - from) : BATCH;
        uint64_t state[BATCH], length[BATCH], at[BATCH];
        uint64_t longest = 0;
        for (int l = 0; l < BATCH; l++) {
            state[l] = l < width ? states[from + l] : 0;
            length[l] = l < width ? (uint64_t)lengths[from + l] : 0;
            longest = length[l] > longest ? length[l] : longest;
        }
        for (uint64_t t = longest ? longest - 1 : 0; t > 0; t--) {
            for (int l = 0; l < BATCH; l++) {
                uint64_t active = t < length[l] ? ~UINT64_C(0) : 0;
                state[l] += active & UINT64_C(0x9E3779B97F4A7C15);
                uint64_t pick = ((mix(state[l]) >> 32) * (t + 1)) >> 32;
                at[l] = (active & pick) | (~active & t);
            }
            uint32_t *last = items + t * lanes + from;
            for (int l = 0; l < width; l++) {
                uint32_t *drawn = items + at[l] * lanes + from + l;
                uint32_t kept = *drawn;
                *drawn = last[l];
                last[l] = kept;
            }
        }
    }
}

/* items [steps][lanes], ratings [models][lanes] */
PUBLIC CLONES void herd_play(int64_t steps, int64_t lanes, const uint32_t *items, const int32_t *a, const int32_t *b,
                             const double *score, const double *gain, double rate, double *ratings) {
    for (int64_t from = 0; from < lanes; from += BATCH) {
        int width = lanes - from < BATCH ? (int)(lanes - from) : BATCH;
        double own[BATCH] = {0}, other[BATCH] = {0}, won[BATCH] = {0}, step[BATCH] = {0};
        double *at_a[BATCH], *at_b[BATCH];
        for (int64_t t = 0; t < steps; t++) {
            const uint32_t *row = items + t * lanes + from;
            for (int l = 0; l < width; l++) {
                uint32_t kind = row[l];
                at_a[l] = ratings + a[kind] * lanes + from + l;
                at_b[l] = ratings + b[kind] * lanes + from + l;
                own[l] = *at_a[l];
                other[l] = *at_b[l];
                won[l] = score[kind];
                step[l] = gain[kind];
            }
            for (int l = 0; l < BATCH; l++) {
                double expected = 1.0 / (1.0 + exponential(rate * (other[l] - own[l])));
                double change = step[l] * (won[l] - expected);
                own[l] += change;
                other[l] -= change;
            }
            for (int l = 0; l < width; l++) {
                *at_a[l] = own[l];
                *at_b[l] = other[l];
            }
        }
    }
}

/* One pass with the C library's pow, which is Python's: the twin is `play.py`. trace [battles][models] or null. */
PUBLIC void herd_play_exactly(int64_t battles, int64_t models, const int32_t *a, const int32_t *b, const double *score,
                              const double *weight, double k, double scale, double base, double *ratings,
                              double *trace) {
    for (int64_t t = 0; t < battles; t++) {
        if (score[t] == score[t]) {
            double own = ratings[a[t]], other = ratings[b[t]];
            double expected_a = 1 / (1 + pow(base, (other - own) / scale));
            double expected_b = 1 / (1 + pow(base, (own - other) / scale));
            ratings[a[t]] = own + k * weight[t] * (score[t] - expected_a);
            ratings[b[t]] = other + k * weight[t] * (1 - score[t] - expected_b);
        }
        if (trace)
            memcpy(trace + t * models, ratings, (size_t)models * sizeof(double));
    }
}

/* times [clusters][lanes], sums [targets][lanes], which begin as 0: the rows of a bootstrap summed up by target. */
PUBLIC CLONES void herd_sum(int64_t rows, int64_t lanes, const int64_t *cluster, const int64_t *target,
                            const double *value, const double *times, double *sums) {
    for (int64_t r = 0; r < rows; r++) {
        const double *often = times + cluster[r] * lanes;
        double *sum = sums + target[r] * lanes, each = value[r];
        for (int64_t l = 0; l < lanes; l++)
            sum[l] += often[l] * each;
    }
}

#define GROUP 8 /* fits; one vector of the widest kind */
#define EACH for (int l = 0; l < GROUP; l++)

typedef double vec[GROUP];

/* Gradient and lower triangle of the Hessian at theta; the last model is fixed, an order term takes its place. */
INLINE void slopes(int64_t models, int order_term, int64_t pairs, const int32_t *first, const int32_t *second,
                   const vec *wins, const vec *total, const vec *theta, vec *gradient, vec *hessian) {
    int64_t fixed = models - 1, size = fixed + order_term;
    memset(gradient, 0, (size_t)size * sizeof(vec));
    memset(hessian, 0, (size_t)(size * size) * sizeof(vec));
    for (int64_t p = 0; p < pairs; p++) {
        int64_t i = first[p], j = second[p];
        vec pull, curve;
        EACH {
            double gap = theta[i][l] - theta[j][l];
            if (order_term)
                gap += theta[models][l];
            double chance = 1.0 / (1.0 + exponential(-gap));
            pull[l] = wins[p][l] - total[p][l] * chance;
            curve[l] = total[p][l] * (chance * (1.0 - chance));
        }
        if (i != fixed)
            EACH { gradient[i][l] += pull[l]; hessian[i * size + i][l] += curve[l]; }
        if (j != fixed)
            EACH { gradient[j][l] -= pull[l]; hessian[j * size + j][l] += curve[l]; }
        int64_t high = i > j ? i : j, low = i > j ? j : i;
        if (high != fixed)
            EACH hessian[high * size + low][l] -= curve[l];
        if (order_term) {
            vec *row = hessian + fixed * size;
            EACH { gradient[fixed][l] += pull[l]; row[fixed][l] += curve[l]; }
            if (i != fixed)
                EACH row[i][l] += curve[l];
            if (j != fixed)
                EACH row[j][l] -= curve[l];
        }
    }
}

/* vector = matrix^-1 vector by L D L^T; only the lower triangle is read, and overwritten. */
INLINE void divide(int64_t size, vec *matrix, vec *vector, vec *inverse, vec *column) {
    for (int64_t k = 0; k < size; k++) {
        EACH {
            double pivot = matrix[k * size + k][l];
            inverse[k][l] = 1.0 / (pivot > 1e-300 ? pivot : 1e-300);
        }
        for (int64_t r = k + 1; r < size; r++) {
            vec *cell = matrix + r * size + k;
            EACH { column[r][l] = (*cell)[l]; (*cell)[l] = column[r][l] * inverse[k][l]; }
        }
        for (int64_t r = k + 1; r < size; r++) {
            vec factor, *row = matrix + r * size;
            EACH factor[l] = row[k][l];
            for (int64_t c = k + 1; c <= r; c++)
                EACH row[c][l] -= factor[l] * column[c][l];
        }
    }
    for (int64_t k = 0; k < size; k++)
        for (int64_t r = k + 1; r < size; r++)
            EACH vector[r][l] -= matrix[r * size + k][l] * vector[k][l];
    for (int64_t k = 0; k < size; k++)
        EACH vector[k][l] *= inverse[k][l];
    for (int64_t k = size - 1; k > 0; k--)
        for (int64_t c = 0; c < k; c++)
            EACH vector[c][l] -= matrix[k * size + c][l] * vector[k][l];
}

/* wins, losses [pairs][lanes]; theta [models + order_term][lanes]; found [lanes]. Returns 0, or 1 without memory. */
PUBLIC CLONES int32_t herd_solve(int64_t models, int32_t order_term, int64_t pairs, int64_t lanes, const int32_t *first,
                                 const int32_t *second, const double *wins, const double *losses, double *theta,
                                 uint8_t *found, int32_t max_steps, double close) {
    int64_t size = models - 1 + order_term, points = models + order_term;
    size_t count = (size_t)(2 * pairs + points + 3 * size + size * size + 1);
    void *memory = malloc(count * sizeof(vec) + 64);
    if (!memory)
        return 1;
    vec *won = (vec *)(((uintptr_t)memory + 63) & ~(uintptr_t)63), *total = won + pairs, *now = total + pairs;
    vec *step = now + points, *inverse = step + size, *column = inverse + size, *hessian = column + size;
    for (int64_t from = 0; from < lanes; from += GROUP) {
        /* Lanes that are not there repeat the last one. */
        int64_t at[GROUP];
        EACH at[l] = from + l < lanes ? from + l : lanes - 1;
        for (int64_t p = 0; p < pairs; p++)
            EACH {
                won[p][l] = wins[p * lanes + at[l]];
                total[p][l] = won[p][l] + losses[p * lanes + at[l]];
            }
        for (int64_t m = 0; m < points; m++)
            EACH now[m][l] = theta[m * lanes + at[l]];
        int going[GROUP], any = 1;
        EACH going[l] = 1;
        for (int32_t n = 0; n < max_steps && any; n++) {
            slopes(models, order_term, pairs, first, second, won, total, now, step, hessian);
            divide(size, hessian, step, inverse, column);
            vec up = {0}, down = {0}, part;
            for (int64_t m = 0; m < size; m++)
                EACH {
                    up[l] = step[m][l] > up[l] ? step[m][l] : up[l];
                    down[l] = step[m][l] < down[l] ? step[m][l] : down[l];
                }
            any = 0;
            EACH {
                double reach = up[l] - down[l];
                part[l] = going[l] ? 2.0 / (2.0 + reach) : 0.0;
                going[l] = going[l] && !(reach < close);
                any |= going[l];
            }
            for (int64_t m = 0; m < size; m++) {
                vec *moved = now + (m < models - 1 ? m : models);
                EACH (*moved)[l] += part[l] * step[m][l];
            }
        }
        for (int64_t l = 0; l < GROUP && from + l < lanes; l++) {
            found[from + l] = (uint8_t)!going[l];
            for (int64_t m = 0; m < points; m++)
                theta[m * lanes + from + l] = now[m][l];
        }
    }
    free(memory);
    return 0;
}
