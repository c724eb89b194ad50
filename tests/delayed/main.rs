//! The examples of delayed functions, in a program that has nothing else of the library.

#![allow(unreachable_pub, reason = "an example is a program: what it shows is public there")]

mod without_the_rest;

macro_rules! each_holds {
    ($($example:ident at $path:literal),* $(,)?) => {
        $(
            #[path = $path]
            mod $example;
        )*

        mod holds {
            $(
                #[test]
                fn $example() -> impl std::process::Termination {
                    super::$example::main()
                }
            )*
        }
    };
}

each_holds!(
    background at "../../examples/background.rs",
    branch at "../../examples/branch.rs",
    carriers at "../../examples/carriers.rs",
    gather at "../../examples/gather.rs",
    http at "../../examples/http.rs",
    lines at "../../examples/lines.rs",
    loop_sum at "../../examples/loop_sum.rs",
    palindromes at "../../examples/palindromes.rs",
    profile at "../../examples/profile.rs",
    requests at "../../examples/requests.rs",
    shared at "../../examples/shared.rs",
    squares at "../../examples/squares.rs",
    tree_sum at "../../examples/tree_sum.rs",
    waiting at "../../examples/waiting.rs",
);
