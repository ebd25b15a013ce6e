/* test_ir_print.c - ir/print.c: units built by hand in, text out. */
#include "ir/print.h"

#include "sample_unit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
// cmocka wants the headers above
#include <cmocka.h>

#define WITHDRAW                                                                                   \
    "fn withdraw(account, n)\n"                                                                    \
    "  b0:\n"                                                                                      \
    "    r0 = read balance                      ; bank.c:10:5\n"                                   \
    "    branch r0 >= n ? b1 : b2\n"                                                               \
    "  b1:\n"                                                                                      \
    "    call usleep(1000)                      ; bank.c:13:5 [NAP]\n"                             \
    "    rmw balance sub n                      ; bank.c:15:5\n"                                   \
    "    jump b2\n"                                                                                \
    "  b2:\n"                                                                                      \
    "    return                                 ; bank.c:17:5\n"

#define SERVE                                                                                      \
    "fn serve(p)\n"                                                                                \
    "  b0:\n"                                                                                      \
    "    r0 = read i                            ; bank.c:18:5\n"                                   \
    "    r1 = rmw.acq_rel server.clients->fd cas r0 ; bank.c:19:5\n"                               \
    "    write.release.init p[r0] = ?           ; bank.c:20:5\n"                                   \
    "    r3 = read.seq_cst.volatile **p         ; bank.c:21:5\n"                                   \
    "    write %0 = \"a\\n\\\"b\\\"\"                  ; bank.c:22:5\n"                            \
    "    switch !(r1 + r3) [-4: b1, -9223372036854775808..9223372036854775807: b1, "               \
    "default: b2]\n"                                                                               \
    "  b1:\n"                                                                                      \
    "    call.cleanup unlock(&server.clients->fd) ; bank.c:24:5\n"                                 \
    "    call.longjmp unlock(container_of(p, struct server, fd)) as JUMP(?, 7) ; bank.c:25:5 "     \
    "[JUMP]\n"                                                                                     \
    "    jump any of b0, b2\n"                                                                     \
    "  b2:\n"                                                                                      \
    "    unreachable\n"

static void check_print(const char *function, const char *want)
{
    void *owner = talloc_new(NULL);
    struct intern *names = NULL;

    assert_string_equal(ir_print_unit(owner, sample_unit(owner, &names), function), want);
    talloc_free(owner);
}

static void whole_unit_is_printed(void **state)
{
    (void)state;
    check_print(NULL, WITHDRAW SERVE "static initialisers\n"
                                     "    write balance = 100                    ; bank.c:28:5\n"
                                     "attributes\n"
                                     "    struct server.fd: guarded_by(mu)\n"
                                     "    usleep: nonblocking\n"
                                     "    struct server: capability(\"mutex\")\n"
                                     "notes\n"
                                     "    bank.c:7:5 alone: allow(data-race) a count for show\n"
                                     "    bank.h:3:5: \n");
}

static void one_function_is_printed_alone(void **state)
{
    (void)state;
    check_print("withdraw", WITHDRAW);
    check_print("serve", SERVE);
    check_print("no_such_function", "");
}

/* Folding must not make the dump lie: x keeps its number where its name means another value. */
static void read_before_a_write_keeps_its_number(void **state)
{
    (void)state;
    void *owner = talloc_new(NULL);
    struct sample s = sample_new(owner, "x.c");
    sym_id use = sample_sym(&s, IR_SYM_FN, "use");

    sample_fn(&s, "f");
    place_id x = sample_local_place(&s, sample_local(&s, "x", 0));
    place_id y = sample_local_place(&s, sample_local(&s, "y", 0));
    value_id old = sample_read(&s, x);
    value_id other = sample_read(&s, y);
    sample_write(&s, x, sample_int(&s, 1));
    (void)sample_call(&s, use, sample_binary(&s, old, IR_OP_ADD, other), NULL, 0);
    value_id again = sample_read(&s, x);
    sample_write(&s, x, sample_binary(&s, again, IR_OP_ADD, sample_int(&s, 1)));
    value_id later = sample_read(&s, y);
    sample_end(&s, IR_JUMP, (value_id){ID_NONE});
    sample_succ(&s, (struct ir_succ){.block = {1}});
    sample_end(&s, IR_RETURN, later);
    assert_string_equal(ir_print_unit(owner, s.unit, NULL),
                        "fn f()\n"
                        "  b0:\n"
                        "    r0 = read x                            ; x.c:10:5\n"
                        "    write x = 1                            ; x.c:12:5\n"
                        "    call use(r0 + y)                       ; x.c:13:5\n"
                        "    write x = x + 1                        ; x.c:15:5\n"
                        "    r6 = read y                            ; x.c:16:5\n"
                        "    jump b1\n"
                        "  b1:\n"
                        "    return r6                              ; x.c:18:5\n");
    talloc_free(owner);
}

/* How one place or value is told to a user. */
static void places_and_values_read_like_c(void **state)
{
    (void)state;
    void *owner = talloc_new(NULL);
    struct sample s = sample_new(owner, "x.c");
    sample_record(&s, "struct s");
    field_id f = sample_field(&s, 0, "f");
    sym_id locks = sample_sym(&s, IR_SYM_VAR, "locks");
    sym_id next = sample_sym(&s, IR_SYM_FN, "next");

    sample_fn(&s, "g");
    uint32_t hv = sample_local(&s, "hv", 0);
    uint32_t p = sample_local(&s, "p", 0);
    value_id index = sample_read(&s, sample_local_place(&s, hv));
    place_id lock = ir_place_add(s.fn, IR_BASE_GLOBAL, locks.i, SAMPLE_STEPS(INDEX(index)));
    assert_string_equal(ir_print_place(owner, s.unit, s.fn, lock), "locks[hv]");
    assert_string_equal(ir_print_value(owner, s.unit, s.fn, sample_addr(&s, lock)), "&locks[hv]");

    place_id target = ir_place_add(s.fn, IR_BASE_LOCAL, p, SAMPLE_STEPS(DEREF));
    assert_string_equal(ir_print_place(owner, s.unit, s.fn, target), "*p");
    assert_string_equal(ir_print_value(owner, s.unit, s.fn, sample_addr(&s, target)), "p");
    place_id far = ir_place_add(s.fn, IR_BASE_LOCAL, p, SAMPLE_STEPS(DEREF, DEREF, FIELD(f)));
    assert_string_equal(ir_print_place(owner, s.unit, s.fn, far), "(*p)->f");

    value_id call = sample_call(&s, next, sample_addr(&s, lock), NULL, 0);
    place_id result = ir_place_add(s.fn, IR_BASE_VALUE, call.i, SAMPLE_STEPS(DEREF, FIELD(f)));
    assert_string_equal(ir_print_place(owner, s.unit, s.fn, result), "next(&locks[hv])->f");
    value_id sum = sample_binary(&s, index, IR_OP_SUB, sample_int(&s, -1));
    assert_string_equal(ir_print_value(owner, s.unit, s.fn, sample_binary(&s, sum, IR_OP_EQ, call)),
                        "(hv - -1) == next(&locks[hv])");
    assert_string_equal(ir_print_value(owner, s.unit, s.fn, (value_id){ID_NONE}), "?");
    talloc_free(owner);
}

static void huge_expressions_are_cut(void **state)
{
    (void)state;
    void *owner = talloc_new(NULL);
    struct sample s = sample_new(owner, "x.c");

    sample_fn(&s, "g");
    value_id sum = sample_int(&s, 1);
    for (int i = 0; i < 100000; i++) {
        sum = sample_binary(&s, sum, IR_OP_ADD, sum); /* as a tree: 2 to the 100000 */
    }
    const char *text = ir_print_value(owner, s.unit, s.fn, sum);
    assert_true(strlen(text) < 4000);
    assert_non_null(strstr(text, "..."));
    talloc_free(owner);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_unit_is_printed),
        cmocka_unit_test(one_function_is_printed_alone),
        cmocka_unit_test(read_before_a_write_keeps_its_number),
        cmocka_unit_test(places_and_values_read_like_c),
        cmocka_unit_test(huge_expressions_are_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
