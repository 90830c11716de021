#include "tensors_test.h"

/* As programs and people call them. */
static void names_stand_for_their_roles(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        TensorRole role;
        int layer;
    } table[] = {
        {"q", ROLE_Q, -1},
        {"K", ROLE_K, -1},
        {"values", ROLE_V, -1},
        {"layers.0.q", ROLE_Q, 0},
        {"encoder.layer.3.attention.self.query", ROLE_Q, 3},
        {"encoder.layer.11.attention.self.key", ROLE_K, 11},
        {"bert/layer_2/query_states", ROLE_Q, 2},
        {"model.layers.7.self_attn.v_proj", ROLE_V, 7},
        {"blocks.5.attn.hook_pattern", ROLE_WEIGHTS, 5},
        {"blocks.5.attn.hook_attn_scores", ROLE_SCORES, 5},
        {"Attention", ROLE_WEIGHTS, -1},
        {"attn_weights", ROLE_WEIGHTS, -1},
        {"attn_weight_4", ROLE_WEIGHTS, 4},
        {"cross_attentions", ROLE_WEIGHTS, -1},
        {"alignments.npy", ROLE_WEIGHTS, -1},
        {"attention_scores", ROLE_SCORES, -1},
        {"h.0.attn.c_attn.weight", ROLE_NONE, 0},
        {"encoder.layer.0.attention.self.query.weight", ROLE_NONE, 0},
        {"encoder.layer.0.attention.self.query.bias", ROLE_NONE, 0},
        {"embeddings.word_embeddings.weight", ROLE_NONE, -1},
        {"arr_0", ROLE_NONE, 0},
        {"12", ROLE_NONE, 12},
        {"", ROLE_NONE, -1},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        int layer = -2;
        TensorRole role = tensors_role(table[i].name, false, &layer);
        if (role != table[i].role || layer != table[i].layer)
            fail_msg("%s: %s of layer %d", table[i].name, ROLE_NAMES[role], layer);
    }
}

static void names_of_texts_tell_their_axis(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        TensorRole role;
    } table[] = {{"tokens", ROLE_TOKENS},
                 {"words", ROLE_TOKENS},
                 {"src", ROLE_KEYS},
                 {"src_tokens", ROLE_KEYS},
                 {"source_words", ROLE_KEYS},
                 {"key_tokens", ROLE_KEYS},
                 {"encoder_tokens", ROLE_KEYS},
                 {"tgt", ROLE_QUERIES},
                 {"target.tokens", ROLE_QUERIES},
                 {"query_tokens", ROLE_QUERIES},
                 {"Decoder", ROLE_QUERIES},
                 {"classes", ROLE_NONE}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        int layer;
        assert_int_equal(tensors_role(table[i].name, true, &layer), table[i].role);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_stand_for_their_roles),
        cmocka_unit_test(names_of_texts_tell_their_axis),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
