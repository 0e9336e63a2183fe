/* Cells of a plain block of CSV (no quotes, no carriage returns, `width` cells in every line, a line end at its end)
   to numbers, by first appearance in the block and column. The twin is `numbered` of cells.py. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#ifdef _WIN32
#define PUBLIC __declspec(dllexport)
PUBLIC void *PyInit__cells(void) { return 0; } /* setuptools names it to the linker */
#else
#define PUBLIC __attribute__((visibility("default")))
#endif

PUBLIC int32_t herd_version(void) { return 1; }

typedef struct {
    int32_t *slots;  /* number of a text + 1; 0 is free */
    int64_t *starts; /* first byte of each different text */
    int32_t *lengths;
    int32_t count, room;
} Column;

/* FNV-1a, with the high bits folded in because the slot is taken from the low ones. */
static uint32_t hash(const uint8_t *text, int64_t length) {
    uint64_t h = UINT64_C(14695981039346656037);
    for (int64_t at = 0; at < length; at++)
        h = (h ^ text[at]) * UINT64_C(1099511628211);
    return (uint32_t)(h ^ (h >> 32));
}

static int grow(Column *column) {
    int32_t room = column->room ? column->room * 4 : 1024;
    int32_t *slots = calloc((size_t)room, sizeof *slots);
    int64_t *starts = realloc(column->starts, (size_t)room / 2 * sizeof *starts);
    if (starts)
        column->starts = starts;
    int32_t *lengths = realloc(column->lengths, (size_t)room / 2 * sizeof *lengths);
    if (lengths)
        column->lengths = lengths;
    if (!slots || !starts || !lengths) {
        free(slots);
        return 0;
    }
    free(column->slots);
    column->slots = slots;
    column->room = room;
    return 1;
}

static void put(Column *column, const uint8_t *block, int32_t number) {
    uint32_t mask = (uint32_t)column->room - 1;
    uint32_t at = hash(block + column->starts[number], column->lengths[number]) & mask;
    while (column->slots[at])
        at = (at + 1) & mask;
    column->slots[at] = number + 1;
}

/* The number of a text, a new one where it was not seen; -1 without memory. */
static int32_t number_of(Column *column, const uint8_t *block, int64_t start, int64_t length) {
    if (2 * (column->count + 1) > column->room) {
        if (!grow(column))
            return -1;
        for (int32_t at = 0; at < column->count; at++)
            put(column, block, at);
    }
    uint32_t mask = (uint32_t)column->room - 1, at = hash(block + start, length) & mask;
    for (; column->slots[at]; at = (at + 1) & mask) {
        int32_t number = column->slots[at] - 1;
        if (column->lengths[number] == length && !memcmp(block + column->starts[number], block + start, (size_t)length))
            return number;
    }
    column->starts[column->count] = start;
    column->lengths[column->count] = (int32_t)length;
    column->slots[at] = ++column->count;
    return column->count - 1;
}

/* picks [width]: place among the wanted columns, or -1. codes [wanted][rows]. starts, lengths [wanted][rows]: first
   byte and length of each different text; counts [wanted]. Returns the number of rows, -1 where the block is not
   plain, -2 without memory. The caller gives room for as many rows as there are line ends. */
PUBLIC int64_t herd_cells(int64_t size, const uint8_t *block, int32_t width, const int32_t *picks, int32_t wanted,
                          int64_t rows, int32_t *codes, int64_t *starts, int32_t *lengths, int32_t *counts) {
    Column *columns = calloc((size_t)(wanted ? wanted : 1), sizeof *columns);
    int64_t row = 0, start = 0, result = columns ? 0 : -2;
    int32_t cell = 0;
    for (int64_t at = 0; at < size && !result; at++) {
        uint8_t letter = block[at];
        if (letter == '"' || letter == '\r')
            result = -1;
        if (letter != ',' && letter != '\n')
            continue;
        if ((letter == '\n') != (cell == width - 1) || row >= rows) {
            result = -1;
            break;
        }
        if (picks[cell] >= 0) {
            int32_t number = number_of(columns + picks[cell], block, start, at - start);
            if (number < 0)
                result = -2;
            codes[picks[cell] * rows + row] = number;
        }
        start = at + 1;
        cell = letter == '\n' ? 0 : cell + 1;
        row += letter == '\n';
    }
    for (int32_t at = 0; columns && at < wanted; at++) {
        if (!result && columns[at].count) {
            memcpy(starts + at * rows, columns[at].starts, (size_t)columns[at].count * sizeof *starts);
            memcpy(lengths + at * rows, columns[at].lengths, (size_t)columns[at].count * sizeof *lengths);
        }
        counts[at] = columns[at].count;
        free(columns[at].slots);
        free(columns[at].starts);
        free(columns[at].lengths);
    }
    free(columns);
    return result ? result : row;
}
