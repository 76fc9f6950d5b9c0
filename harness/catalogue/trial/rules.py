"""The rules of judging that the classes of defects belong to; each is one mechanism that finds a whole kind of defects."""

UNTIL_WHEN = "until when: every needed sight covers the whole time it is needed for"
KNOWN_POSITIVES = "known positives prove coverage"
PROMISE = "the promise is by what runs on the server, and per Cluster"
ONE_LIFE = "one life: same uid, never deleted, never being deleted"
COMPARE_ALL_BUT = "compare all but what good pivots show to differ"
TWO_QUESTIONS = "two questions: did it arrive as it left, and who changed it since"
EVERY_VERSION = "every version, not the last"
POST_FLIGHT = "post-flight is pre-flight: it must be fit to run on at the end"
IRONIC_GRAMMAR = "Ironic's grammar, and one node a host"
BMC_ALLOW_LIST = "a BMC request that is not known harmless and was not refused is at least unknown"
UNIQUENESS = "one BMC and one MAC belong to one host over both clusters"
EVERY_WITNESS = "every witness has a reader"
CONTRADICTION = "a contradiction is unknown"
KINDS = "the kinds that move are asked of the clusters"
ABSENCE = "never fail on absence where the sight was not whole"
IN_ORDER = "the move keeps its order"
THE_RUN = "the run itself is always judged"

RULES = (
    UNTIL_WHEN,
    KNOWN_POSITIVES,
    PROMISE,
    ONE_LIFE,
    COMPARE_ALL_BUT,
    TWO_QUESTIONS,
    EVERY_VERSION,
    POST_FLIGHT,
    IRONIC_GRAMMAR,
    BMC_ALLOW_LIST,
    UNIQUENESS,
    EVERY_WITNESS,
    CONTRADICTION,
    KINDS,
    ABSENCE,
    IN_ORDER,
    THE_RUN,
)
