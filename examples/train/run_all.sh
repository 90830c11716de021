#!/bin/sh
# Train every example again and write its documents; stops at the first figure that falls short.
# PYTHON chooses the interpreter, which needs NumPy and, but for what is made by hand, torch.
set -eu

python=${PYTHON:-python3}
export OMP_WAIT_POLICY="${OMP_WAIT_POLICY:-PASSIVE}"
export PYTHONDONTWRITEBYTECODE=1
cd "$(dirname "$0")"

begin=$(date +%s)
for script in make_three_tokens train_one_sentence train_translation train_shapes \
              train_next_word train_chinese train_arabic_english \
              make_hidden_states make_positions make_slips make_type_a_sentence \
              train_rnn_translation train_spoken_words train_shopping train_image_gate train_mood
do
    echo "== $script"
    since=$(date +%s)
    "$python" "$script.py"
    echo "== $script took $(($(date +%s) - since)) s"
done
"$python" check_documents.py
echo "== all took $(($(date +%s) - begin)) s"
