"""What findings and --stats say of how much is known."""

import unittest

from harness import GoldenTest

TWO_THREADS = """
int main(void)
{
    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, work, NULL);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
}
"""


class Evidence(GoldenTest):
    def check(self, source, *args):
        self.project.write("a.c", "#include <pthread.h>\nstatic pthread_mutex_t mu;\n" + source)
        self.project.compdb("a.c")
        return self.snarl("check", "--stats", *args)

    def adds(self, guarded):
        """A thread that adds to `n` so often with the lock, and once without."""
        steps = "    pthread_mutex_lock(&mu);\n    n++;\n    pthread_mutex_unlock(&mu);\n" * guarded
        return ("static int n;\nstatic void *work(void *arg)\n{\n" + steps +
                "    n++;\n    return arg;\n}\n" + TWO_THREADS)

    def test_the_guard_of_a_variable(self):
        result = self.check(self.adds(9))
        self.assertIn("confidence high: 9 of 10 accesses hold 'mu'", result.out)
        self.assertIn("cure: hold 'mu' here, as elsewhere", result.out)

    def test_too_few_to_tell_of_a_guard(self):
        result = self.check(self.adds(2))
        self.assertEqual(result.status, 1)
        self.assertNotIn("accesses hold", result.out)
        self.assertIn("cure: hold one lock on both sides", result.out)

    def test_pointers_to_nowhere_known(self):
        result = self.check("void (*hook)(void);\nvoid run(void)\n{\n    hook();\n}\n")
        self.assertRegex(result.err, r"(?m)^calls +1, through pointers to nowhere known 1$")

    def test_too_many_lock_states(self):
        locks = "".join(f"static pthread_mutex_t l{i};\n" for i in range(9))
        takes = "".join(f"    if (rand() == {i})\n        pthread_mutex_lock(&l{i});\n"
                        for i in range(9))
        result = self.check("#include <stdlib.h>\n" + locks + "void take(void)\n{\n" + takes + "}\n")
        self.assertRegex(result.err, r"(?m)^functions with too many lock states 1$")


if __name__ == "__main__":
    unittest.main()
