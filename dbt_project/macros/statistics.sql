{#-
  What groups that were compared at random say of an effect: means of two groups whose variances differ.

  Welch, B. L. (1947), The generalization of "Student's" problem when several different population variances are involved,
  Biometrika 34, 28-35: the difference of the means has the squared error s1²/n1 + s2²/n2, with as many degrees of freedom as
  (s1²/n1 + s2²/n2)² / ((s1²/n1)²/(n1 - 1) + (s2²/n2)²/(n2 - 1)).
-#}

{#- s1²/n1 + s2²/n2; null with fewer than three values in a group, and where nothing varies. -#}
{% macro welch_squared_error(variance_1, count_1, variance_2, count_2) -%}
    case
        when {{ count_1 }} >= 3 and {{ count_2 }} >= 3
            then nullif({{ variance_1 }} / {{ count_1 }} + {{ variance_2 }} / {{ count_2 }}, 0)
    end
{%- endmacro %}

{#- The degrees of freedom; `squared_error` is what the macro above gives, and null with it. -#}
{% macro welch_degrees_of_freedom(squared_error, variance_1, count_1, variance_2, count_2) -%}
    {{ squared_error }} * {{ squared_error }} / (
        ({{ variance_1 }} / {{ count_1 }}) * ({{ variance_1 }} / {{ count_1 }}) / ({{ count_1 }} - 1)
        + ({{ variance_2 }} / {{ count_2 }}) * ({{ variance_2 }} / {{ count_2 }}) / ({{ count_2 }} - 1)
    )
{%- endmacro %}

{#-
  The value that Student's t stays below with a probability of 97.5 %: the ends of a 95 % interval. From the normal
  distribution's 1.959963984540054 by the series 26.7.5 of Abramowitz and Stegun, Handbook of Mathematical Functions (1964);
  0.8 % too small at two degrees of freedom, 0.1 % at three and ever less above.
-#}
{% macro student_t_95(degrees_of_freedom) -%}
    {%- set z = 1.959963984540054 -%}
    {%- set terms = [
        (z ** 3 + z) / 4,
        (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96,
        (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384,
        (79 * z ** 9 + 776 * z ** 7 + 1482 * z ** 5 - 1920 * z ** 3 - 945 * z) / 92160,
    ] -%}
    {%- set sum = namespace(text='%.15f' % terms[3]) -%}
    {%- for term in terms[:3] | reverse -%}
        {%- set sum.text = '(' ~ '%.15f' % term ~ ' + ' ~ sum.text ~ ' / ' ~ degrees_of_freedom ~ ')' -%}
    {%- endfor -%}
    ({{ '%.15f' % z }} + {{ sum.text }} / {{ degrees_of_freedom }})
{%- endmacro %}
