#include "tensors_test.h"

#include "base/mem.h"

#include <stdlib.h>

/* Arrays that are nothing but names and shapes: "a 4 7 6, b 3". */
static void list_of(TensorList *list, const char *text)
{
    tensors_init(list);
    list->items = mem_array(16, sizeof *list->items);
    assert_non_null(list->items);
    for (const char *at = text; *at; list->count++) {
        TensorItem *t = &list->items[list->count];
        const char *end = strpbrk(at, " ,");
        *t = (TensorItem){.file = "a.npz", .dtype = "F32", .why = "", .source = TENSOR_NPZ};
        t->name = arena_text(&list->arena, at, (size_t)(end - at));
        t->numbers = true;
        for (at = end; *at == ' ';)
            t->shape[t->ndim++] = strtoll(at + 1, (char **)(uintptr_t)&at, 10);
        at += strspn(at, ", ");
    }
}

static void check_ask(const char *arrays, const char *expected)
{
    TensorList list;
    TensorMap map;
    Error err = {0};
    Buf out;
    list_of(&list, arrays);
    tensors_guess(&list, &map);
    assert_false(map.clear);
    buf_init(&out, BUF_NO_LIMIT);
    assert_true(tensors_ask(&list, &map, &out, &err));
    if (strcmp(buf_string(&out), expected) != 0)
        fail_msg("%s: \"%s\", expected \"%s\"", arrays, buf_string(&out), expected);
    buf_free(&out);
    tensors_free(&list);
}

static void lines_that_work_are_proposed(void **state)
{
    (void)state;
    check_ask("a 4 7 6", "; say it with --map attention=a");
    check_ask("attn 3 2 4 6 6", "; say it with --map attention=attn@lshqk or attention=attn@slhqk");
    check_ask("a 5 8, b 5 8, c 5 8", "; say it with --map q=a,k=b or attention=a or attention=b");
    check_ask("encoder_attentions 2 6 6, cross_attentions 2 7 6",
              "; say it with --map attention=encoder_attentions or attention=cross_attentions");
    check_ask("attention 4 6 6, logits 6 50",
              "; say it with --map attention=attention or scores=logits");
}

static void layers_are_proposed_as_a_series_in_quotes(void **state)
{
    (void)state;
    check_ask("enc.0.q 2 3 4, enc.0.k 2 3 4, enc.1.q 2 3 4, enc.1.k 2 3 4, dec.0.q 2 5 4, "
              "dec.0.k 2 5 4, dec.1.q 2 5 4, dec.1.k 2 5 4",
              "; say it with --map 'q=enc.*.q,k=enc.*.k'");
    check_ask("cross_attn.0 4 7 6, cross_attn.1 4 7 6, self_attn.0 4 7 7, self_attn.1 4 7 7",
              "; say it with --map 'attention=cross_attn.*' or 'attention=self_attn.*'");
}

static void lines_that_would_not_work_are_not_proposed(void **state)
{
    (void)state;
    check_ask("q 4 6 8, k 4 6 7", "");
    check_ask("q 4 6 8", "");
    check_ask("a 4 3 2 4 7 6", "");
}

static void a_model_is_told_from_what_it_computed(void **state)
{
    (void)state;
    check_ask("h.0.attn.c_attn.weight 2 6, h.0.attn.c_attn.bias 6, h.0.mlp.weight 2 8",
              "; these are parameters of a model: expected what it computed");
}

static void steps_of_generate_are_recognised(void **state)
{
    (void)state;
    const char *expected = "; these are steps of generate(): run the model once over all tokens";
    check_ask("step0 3 1 4 5 5, step1 3 1 4 1 6, step2 3 1 4 1 7", expected);
    check_ask("attentions.1.0 1 4 1 6, attentions.2.0 1 4 1 7", expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_that_work_are_proposed),
        cmocka_unit_test(layers_are_proposed_as_a_series_in_quotes),
        cmocka_unit_test(lines_that_would_not_work_are_not_proposed),
        cmocka_unit_test(a_model_is_told_from_what_it_computed),
        cmocka_unit_test(steps_of_generate_are_recognised),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
